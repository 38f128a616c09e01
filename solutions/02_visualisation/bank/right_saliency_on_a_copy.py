# question: saliency_map
# note: a frozen deep copy, so the caller's network is never touched; a one-hot vector as the cotangent

from copy import deepcopy

def saliency_map(model, image, label):
    twin = deepcopy(model).eval().requires_grad_(False)
    x = image.clone()[None].requires_grad_(True)
    logits = twin(x)
    logits.backward(F.one_hot(torch.tensor([label]), logits.shape[1]).to(logits))
    largest = x.grad[0, 0].abs()
    for channel in x.grad[0, 1:]:
        largest = torch.maximum(largest, channel.abs())
    return largest
