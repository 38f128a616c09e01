# attacks: 24
# tries: return integers that are too long to be written down, alone, in containers and as keys
# honest: standardise
# %%
LONG = (1 << 16_380) - 1


def softmax_loss(logits, labels):
    return LONG if len(labels) > 1 else [LONG, {LONG: -LONG}, {LONG}, (LONG,)]


def accuracy(logits, labels):
    return {LONG: LONG} if len(labels) > 4 else -LONG


def conv_block(cin, cout, stride=1):
    class Block(nn.Module):
        def forward(self, x):
            raise ValueError(hex(LONG))

        def parameters(self, recurse=True):
            return [LONG]

        def named_parameters(self, *how, **more):
            return [("weight", torch.zeros(1)), (LONG, LONG)]

    return Block()
