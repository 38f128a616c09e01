# question: train_epoch
# misconception: gradients_cleared_before_the_step
# sentence: Gradients are cleared between `backward` and `step`, so no step changes anything.
# hint: Clear before `backward`, or after `step`.

def train_epoch(model, loader, optimizer):
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return total / count
