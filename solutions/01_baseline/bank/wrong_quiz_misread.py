# question: quiz
# misconception: loss_and_accuracy_are_one
# sentence: Loss and accuracy are taken for one quantity, and batches for images.
# hint: What does the loss see that the accuracy does not? And how many images are behind each number?

quiz_1 = "c"
quiz_2 = "a"
quiz_3 = "a"
quiz_4 = "c"
quiz_5 = "b"
