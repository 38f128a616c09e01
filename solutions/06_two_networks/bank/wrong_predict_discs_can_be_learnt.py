# question: predict_networks
# misconception: every_image_has_an_up
# sentence: Discs are taken for learnable: but a turned disc is the same image.
# hint: What is in the pixels of a turned disc that tells the turn?

predict_1 = "c"
predict_2 = "d"
predict_3 = "b"
