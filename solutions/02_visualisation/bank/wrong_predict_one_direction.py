# question: predict_gradients
# misconception: chessboard_in_one_direction
# sentence: The chessboard's pairs are counted in one direction only.
# hint: Sideways pairs differ as well.

predict_1 = "c"
predict_2 = "c"
predict_3 = "b"
