# question: quiz
# misconception: quiz_a
# sentence: The answer is a.
# hint: Read again.
quiz_1 = "a"
