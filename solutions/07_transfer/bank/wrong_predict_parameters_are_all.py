# question: predict_transfer
# misconception: buffers_forgotten
# sentence: What is no parameter is taken for fixed: batch norm's running statistics change in every forward pass of train mode.
# hint: Compare the names in `state_dict()` with those in `named_parameters()`.

predict_1 = "c"
predict_2 = "a"
predict_3 = "c"
