# question: predict_temperature
# misconception: one_factor_of_t
# sentence: One factor of 1/T is seen, the second is not.
# hint: The softened probabilities come closer to each other as well.

predict_1 = "b"
predict_2 = "b"
predict_3 = "a"
