# question: predict_networks
# misconception: parameters_double_with_width
# sentence: Each stage is taken to have twice the parameters of the one before, so the last has half.
# hint: The number of pairs of channels grows with the square of the width.

predict_1 = "b"
predict_2 = "c"
predict_3 = "b"
