# attacks: 34, 35, 36, 37
# tries: tensor subclasses that lie, lazy values, all-NaN, shapes that broadcast
# honest: standardise
# %%
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True

    shape = property(lambda self: torch.Size([]))
    dtype = property(lambda self: torch.float32)


def softmax_loss(logits, labels):
    return torch.full((1, 1), float("nan")).as_subclass(Liar)


def accuracy(logits, labels):
    return torch.tensor([float("nan")])


def conv_block(cin, cout, stride=1):
    class Lazy(nn.Module):
        def forward(self, x):
            return torch.zeros(1)

    return Lazy()
