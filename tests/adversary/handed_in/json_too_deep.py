# attacks: 49
# tries: arrays nested a hundred thousand times
# honest: none
# outcome: ungradable
def hand_in(folder, honest):
    (folder / "blocks.ipynb").write_bytes(b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
