# question: preprocess
# note: normalised in whole numbers before resizing: weights of a pixel sum to one, so the order does not matter

def preprocess(images, size, mean, std):
    m = 255 * torch.as_tensor(mean, dtype=torch.float32)
    s = 255 * torch.as_tensor(std, dtype=torch.float32)
    x = (images.to(torch.float32) - m) / s
    x = torch.einsum("nhwc->nchw", x)
    short = min(x.shape[-2:])
    if x.shape[-1] > short:
        x = x.narrow(3, (x.shape[-1] - short) // 2, short)
    else:
        x = x.narrow(2, (x.shape[-2] - short) // 2, short)
    return nn.functional.interpolate(x.contiguous(), size=[size, size], mode="bilinear", antialias=True)
