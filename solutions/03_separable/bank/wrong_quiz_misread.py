# question: quiz
# misconception: separable_in_space
# sentence: Separable is taken for separable in height and width, and the kernel's area for the whole cost.
# hint: What is split here is looking around (depthwise) from mixing channels (pointwise).

quiz_1 = "c"
quiz_2 = "d"
quiz_3 = "c"
quiz_4 = "b"
quiz_5 = "d"
