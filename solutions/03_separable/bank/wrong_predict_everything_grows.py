# question: predict_cost
# misconception: weights_grow_with_the_image
# sentence: Weights are thought to grow with the image, and 1/9 to be lost beside 1/256.
# hint: A kernel slides over the map; and a sum is at least its larger term.

predict_1 = "d"
predict_2 = "a"
predict_3 = "d"
