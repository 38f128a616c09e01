# attacks: 49
# tries: a file name of the greatest length, of dots and spaces
# honest: standardise, softmax_loss, conv_block, accuracy
# outcome: either
def hand_in(folder, honest):
    (folder / ("." * 200 + " " * 40 + ".ipynb")).write_bytes(honest)
