# attacks: 48, 33, 26
# tries: fill the notebook's names with keys that are no texts, compare as everything, or raise when they are looked up
# honest: standardise
# %%
class Key(str):
    def __hash__(self):
        return hash("accuracy")

    def __eq__(self, other):
        raise SystemExit("looked up")


class Everything(str):
    def __hash__(self):
        return hash("conv_block")

    def __eq__(self, other):
        return True


names = globals()
for key in (5, None, 1.5, (), b"softmax_loss", Key("accuracy"), Everything("x"), "\ud800", "a" * 100_000, "accuracy\0", ""):
    try:
        names[key] = lambda *a: 1.0
    except BaseException:
        pass
