# question: train_epoch
# misconception: loss_after_the_step
# sentence: Each batch's loss is taken after its own step, on images just learnt.
# hint: The loss to report is the one that the step starts from.

def train_epoch(model, loader, optimizer):
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + cross_entropy(model(images), labels).item() * len(labels), count + len(labels)
    return total / count
