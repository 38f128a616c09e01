# attacks: 16, 47
# tries: a pipe nobody writes to where the notebook should be
# honest: none
# outcome: ungradable
import os


def hand_in(folder, honest):
    os.mkfifo(folder / "blocks.ipynb")
