# question: random_crop
# note: a loop, one draw after the other, floor of a uniform number

def random_crop(images, size, generator):
    out = images.new_empty(len(images), images.size(1), size, size)
    for k in range(len(images)):
        r = math.floor(torch.rand((), generator=generator).item() * (images.size(2) - size + 1))
        c = math.floor(torch.rand((), generator=generator).item() * (images.size(3) - size + 1))
        out[k] = images[k].narrow(1, r, size).narrow(2, c, size)
    return out
