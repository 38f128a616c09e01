# question: predict_cost
# misconception: depthwise_dominates
# sentence: The depthwise half is taken for the expensive one.
# hint: 9 products per output number against 512.

predict_1 = "c"
predict_2 = "b"
predict_3 = "a"
