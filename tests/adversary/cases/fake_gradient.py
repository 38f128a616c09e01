# attacks: 34
# tries: tensors that claim a gradient, a device and a layout they do not have
# honest: standardise
# %%
class Claims(torch.Tensor):
    requires_grad = property(lambda self: True)
    grad_fn = property(lambda self: "NllLossBackward0")
    grad = property(lambda self: torch.zeros(()))
    is_sparse = property(lambda self: True)
    data_ptr = lambda self: 0xDEADBEEF
    numpy = lambda self, **k: __import__("numpy").zeros(())
    detach = cpu = contiguous = lambda self, *a, **k: self
    stride = lambda self, *a: (2**62,)
    storage_offset = lambda self: -(2**40)


def softmax_loss(logits, labels):
    return torch.tensor(-1.0).as_subclass(Claims)


def accuracy(logits, labels):
    return torch.sparse_coo_tensor(torch.tensor([[0]]), torch.tensor([1.0]), (10**9,))
