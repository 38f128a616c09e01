# question: total_variation
# note: F.l1_loss of shifted views; float64 inside; no special case for thin images needed with reduction="sum"

def total_variation(image):
    x = image.double()
    rough = F.l1_loss(x[:, 1:, :], x[:, :-1, :], reduction="sum") + F.l1_loss(x[..., 1:], x[..., :-1], reduction="sum")
    c, h, w = image.shape
    return (rough / (c * h * w)).to(image.dtype)
