# question: preprocess
# note: negative indices, movedim, mean and std stacked with None

def preprocess(images, size, mean, std):
    x = images.movedim(-1, 1).float().div(255)
    extra = x.size(2) - x.size(3)
    if extra > 0:
        x = x[:, :, extra // 2 : extra // 2 + x.size(3), :]
    elif extra < 0:
        x = x[..., -extra // 2 : -extra // 2 + x.size(2)]
    x = F.interpolate(x, scale_factor=None, size=(size, size), mode="bilinear", antialias=True)
    return (x - torch.tensor(list(mean))[None, :, None, None]) / torch.tensor(list(std))[None, :, None, None]
