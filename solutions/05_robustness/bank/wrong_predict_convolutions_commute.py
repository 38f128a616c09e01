# question: predict_robustness
# misconception: strides_forgotten
# sentence: Convolutions commute with shifts, but strides and padding do not, and more modest is not better calibrated in any case.
# hint: Shift [1, 0, 0, 0] by one and take every second number.

predict_1 = "b"
predict_2 = "a"
predict_3 = "b"
