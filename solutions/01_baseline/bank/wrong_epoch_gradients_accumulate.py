# question: train_epoch
# misconception: gradients_not_cleared
# sentence: Gradients are never cleared, so each step adds all earlier ones.
# hint: What does `loss.backward()` do to `p.grad`?

def train_epoch(model, loader, optimizer):
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return total / count
