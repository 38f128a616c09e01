# attacks: 24, 36
# tries: return infinities, negative zero, complex numbers, surrogates, cycles and duplicate keys
# honest: standardise
# %%
VALUES = iter([float("inf"), -0.0, 1e308, complex(1, float("nan")), "\ud800\udfff", b"\xff" * 10, {1: 1, True: 2, 1.0: 3}] * 50)


def softmax_loss(logits, labels):
    return next(VALUES)


def accuracy(logits, labels):
    cycle = {}
    cycle[float("nan")] = cycle
    cycle[float("nan") + 0] = [cycle]
    return cycle


def conv_block(cin, cout, stride=1):
    class Block(nn.Module):
        def parameters(self, recurse=True):
            return [torch.zeros(0), torch.full((3,), -1), -5]

        def forward(self, x):
            return float("-inf")

    return Block()
