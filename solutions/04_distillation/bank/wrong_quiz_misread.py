# question: quiz
# misconception: no_grad_taken_for_eval
# sentence: `no_grad` is taken for eval mode, and temperature for a matter of certainty.
# hint: Which of the two does batch norm look at?

quiz_1 = "c"
quiz_2 = "a"
quiz_3 = "b"
quiz_4 = "b"
quiz_5 = own.percent
