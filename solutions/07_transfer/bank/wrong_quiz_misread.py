# question: quiz
# misconception: rate_zero_is_frozen
# sentence: A rate of zero is taken for a frozen network, rows for columns, and own statistics for the network's.
# hint: Which numbers does each of these steps change?

quiz_1 = "b"
quiz_2 = "b"
quiz_3 = "a"
quiz_4 = 100 * own.matrix[1][1] / sum(own.matrix[1])
quiz_5 = "b"
