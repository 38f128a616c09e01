# question: predict_networks
# misconception: map_size_fixed
# sentence: The size of the maps is taken for a property of the network.
# hint: A stride of 2 halves whatever comes in.

predict_1 = "c"
predict_2 = "c"
predict_3 = "a"
