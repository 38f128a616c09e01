# question: predict_robustness
# misconception: area_read_as_length
# sentence: Four times the area is taken for four times the width.
# hint: Draw both squares on squared paper.

predict_1 = "c"
predict_2 = "c"
predict_3 = "a"
