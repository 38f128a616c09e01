# question: quiz
# misconception: stability_of_class_and_probability_confused
# sentence: Votes are taken for probabilities, sums for means, and calibration on average for calibration of each class.
# hint: What does each of the numbers average over?

quiz_1 = ((own.height - own.size) // own.stride + 1) * ((own.width - own.size) // own.stride + 1)
quiz_2 = "a"
quiz_3 = "a"
quiz_4 = "a"
quiz_5 = "a"
