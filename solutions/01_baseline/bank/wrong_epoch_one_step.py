# question: train_epoch
# misconception: one_step_per_epoch
# sentence: The optimizer steps once per epoch instead of once per batch.
# hint: Check the indentation of the step.

def train_epoch(model, loader, optimizer):
    model.train()
    total, count = 0.0, 0
    optimizer.zero_grad()
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        loss.backward()
        total, count = total + loss.item() * len(labels), count + len(labels)
    optimizer.step()
    return total / count
