# question: train_epoch
# note: detached tensors summed up, the mode put back afterwards, gradients cleared by hand

def train_epoch(model, loader, optimizer, device=None):
    was_training = model.training
    model.train()
    total, seen = torch.zeros(()), 0
    for images, labels in loader:
        if device is not None:
            images, labels = images.to(device), labels.to(device)
        for p in model.parameters():
            p.grad = None
        loss = cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.detach() * images.size(0)
        seen += images.size(0)
    model.train(was_training)
    return float(total / seen)
