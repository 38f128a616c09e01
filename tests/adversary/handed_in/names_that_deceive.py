# attacks: 49, 52
# tries: right-to-left, look-alike, control and markup characters in file names
# honest: standardise, softmax_loss, conv_block, accuracy
# outcome: graded
# never: \x1b[2J
def hand_in(folder, honest):
    for name in ("blocks\u202egnp.ipynb", "bl\u043ecks.ipynb", "blocks\x1b[2J.ipynb", "<script>window.owned=1<.ipynb", "=cmd.ipynb", "-rf.ipynb"):
        (folder / name).write_bytes(honest)
