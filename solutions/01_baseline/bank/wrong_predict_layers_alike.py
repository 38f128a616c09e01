# question: predict_training
# misconception: layers_cost_alike
# sentence: All convolutions are thought to hold equally many parameters, and the loss to count classes.
# hint: Parameters go with the product of input and output channels; the loss with the logarithm of a probability.

predict_1 = "d"
predict_2 = "d"
predict_3 = "a"
