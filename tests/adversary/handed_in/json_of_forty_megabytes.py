# attacks: 49
# tries: a notebook larger than any that a person saves
# honest: none
# outcome: ungradable
def hand_in(folder, honest):
    (folder / "blocks.ipynb").write_bytes(b'{"cells": [' + b" " * (40 << 20) + b"]}")
