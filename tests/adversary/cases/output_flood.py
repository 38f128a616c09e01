# attacks: 46
# tries: flood standard output, figures, logging and the traceback
# honest: standardise
# %%
import sys

for number in range(20_000):
    print("flood " * 40)


class Endless:
    def __repr__(self):
        return "x" * (64 << 20)


Endless()


# %%
def softmax_loss(logits, labels):
    raise ValueError("y" * (32 << 20))


def accuracy(logits, labels):
    return "z" * (80 << 20)
