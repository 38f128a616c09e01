# question: train_epoch
# misconception: train_mode_not_set
# sentence: The model is not put into train mode: after an evaluation its batch norm learns nothing more.
# hint: After `evaluate` a network is in eval mode; who puts it back?

def train_epoch(model, loader, optimizer):
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return total / count
