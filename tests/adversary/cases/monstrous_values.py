# attacks: 24
# tries: return numbers, texts and containers without measure
# honest: standardise
# %%
import numpy as np


def softmax_loss(logits, labels):
    nested = []
    for _ in range(50_000):
        nested = [nested]
    return nested


def accuracy(logits, labels):
    return 10**4000


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1).expand(10**6, 10**6), requires_grad=False)

    def forward(self, x):
        return torch.zeros(1).expand(10**5, 10**5)


def conv_block(cin, cout, stride=1):
    return Block()
