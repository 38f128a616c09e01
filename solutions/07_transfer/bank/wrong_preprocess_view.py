# question: preprocess
# misconception: view_of_permuted_photographs
# sentence: `view` works only where the numbers lie in memory in order, so photographs that are a view raise an error.
# hint: `reshape` or `permute` works for any layout.

def preprocess(images, size, mean, std):
    n, height, width, colours = images.shape
    planes = images.view(n, height * width, colours).transpose(1, 2).reshape(n, colours, height, width)
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = planes[:, :, top : top + side, left : left + side] / 255
    resized = F.interpolate(square, (size, size), mode="bilinear", antialias=True)
    return (resized - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
