# question: saliency_map
# note: backward and zero_grad; modes noted and restored by hand

def saliency_map(model, image, label):
    modes = {name: part.training for name, part in model.named_modules()}
    model.eval()
    x = torch.tensor(image.tolist(), dtype=image.dtype).unsqueeze(0)
    x.requires_grad = True
    model(x)[:, label].sum().backward()
    model.zero_grad()
    for name, part in model.named_modules():
        part.training = modes[name]
    return torch.max(torch.abs(x.grad[0]), dim=0)[0]
