# attacks: 46, 48
# tries: objects whose repr, str, len and iteration never end
# honest: standardise
# %%
class Endless:
    def __repr__(self):
        return "x" * 10**8

    __str__ = __repr__

    def __iter__(self):
        while True:
            yield self

    def __len__(self):
        return 2**62

    def keys(self):
        return self

    def __getitem__(self, key):
        return self


Endless()


# %%
def accuracy(logits, labels):
    return list(Endless())[:1]
