# question: quiz
# misconception: quiz_all_the_same
# sentence: One letter for every question, and a number without a thought.
# hint: Work each out.

quiz_1 = quiz_2 = quiz_3 = quiz_5 = "d"
quiz_4 = 1
