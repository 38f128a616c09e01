# attacks: 48
# tries: errors in every special method of what is returned
# honest: standardise
# %%
class Broken:
    def fail(self, *a, **k):
        raise RuntimeError("broken")

    __repr__ = __str__ = __eq__ = __bool__ = __len__ = __iter__ = __float__ = __index__ = __hash__ = __call__ = fail
    __getattr__ = __dir__ = __reduce__ = __sizeof__ = __format__ = __del__ = fail


def softmax_loss(logits, labels):
    return Broken()


def accuracy(logits, labels):
    return [Broken(), {1: Broken()}]


def conv_block(cin, cout, stride=1):
    class Block(nn.Module):
        def __getattr__(self, name):
            raise SystemExit(name)

        forward = 3

    return Block()
