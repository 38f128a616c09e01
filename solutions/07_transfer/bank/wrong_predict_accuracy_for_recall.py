# question: predict_transfer
# misconception: recall_taken_for_accuracy
# sentence: The biases of the head are forgotten, and the mean of the recalls is taken for the accuracy.
# hint: Work out the two recalls one by one.

predict_1 = "b"
predict_2 = "b"
predict_3 = "a"
