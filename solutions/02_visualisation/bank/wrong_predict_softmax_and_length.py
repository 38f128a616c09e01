# question: predict_gradients
# misconception: logit_taken_for_probability
# sentence: A larger logit is thought to flatten its own gradient, and the cube is taken for a ball.
# hint: It is the softmax that flattens. And in the cube every value may move by ε at once.

predict_1 = "b"
predict_2 = "d"
predict_3 = "c"
