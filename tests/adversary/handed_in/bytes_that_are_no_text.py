# attacks: 49
# tries: invalid UTF-8, a byte order mark of another encoding, NUL bytes
# honest: none
# outcome: ungradable
def hand_in(folder, honest):
    (folder / "blocks.ipynb").write_bytes(b"\xff\xfe" + bytes(range(256)) * 100)
