# question: add_label_noise
# note: a Python loop, one draw after the other

def add_label_noise(labels, rate, classes, generator):
    out = labels.clone()
    for i in range(len(out)):
        if torch.rand((), generator=generator).item() < rate:
            others = [c for c in range(classes) if c != int(labels[i])]
            out[i] = others[torch.randint(len(others), (), generator=generator).item()]
    return out
