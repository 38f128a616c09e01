# question: repair_flip
# note: bernoulli coins, assignment into a clone

def random_flip(images, generator):
    coins = torch.bernoulli(torch.full((images.size(0),), 0.5), generator=generator).bool()
    flipped = images.clone()
    flipped[coins] = images[coins].flip(dims=[3])
    return flipped
