# question: preprocess
# note: one photograph and one colour after the other, float64 inside, a helper

def middle(photograph):
    H, W, _ = photograph.shape
    s = H if H < W else W
    y, x = int((H - s) / 2), int((W - s) / 2)
    return photograph[y : y + s, x : x + s]

def preprocess(images, size, mean, std, mode="bilinear"):
    out = torch.empty(len(images), 3, size, size)
    for n, photograph in enumerate(images):
        square = middle(photograph).double() / 255.0
        for c in range(3):
            plane = F.interpolate(square[None, None, :, :, c], size=size, mode=mode, align_corners=False, antialias=True)
            out[n, c] = ((plane[0, 0] - mean[c]) / std[c]).float()
    return out
