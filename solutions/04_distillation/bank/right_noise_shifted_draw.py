# question: add_label_noise
# note: draws from classes-1 values and steps over the old label; bernoulli

def add_label_noise(labels, rate, classes, generator):
    flip = torch.bernoulli(torch.full(labels.shape, float(rate)), generator=generator).bool()
    new = torch.randint(0, classes - 1, labels.shape, generator=generator)
    new = new + (new >= labels).long()
    noisy = labels.clone()
    noisy[flip] = new[flip]
    return noisy
