# question: quiz
# misconception: backward_taken_for_the_image_alone
# sentence: backward() is thought to touch the image only, and the cube to grow with the steps.
# hint: Which tensors on the way from the image to the logit require gradients?

quiz_1 = "c"
quiz_2 = "a"
quiz_3 = "a"
quiz_4 = "a"
quiz_5 = own.first * own.epsilon
