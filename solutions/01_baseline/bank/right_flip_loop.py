# question: repair_flip
# note: a loop with a coin for each image, mirrored by an index

def random_flip(images, generator):
    backwards = list(range(images.shape[3]))[::-1]
    seen = []
    for image in images:
        coin = torch.randint(2, (1,), generator=generator).item()
        seen.append(image[:, :, backwards] if coin else image)
    return torch.stack(seen)
