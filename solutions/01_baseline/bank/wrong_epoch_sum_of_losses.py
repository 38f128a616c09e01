# question: train_epoch
# misconception: sum_of_the_losses
# sentence: The losses are added up and never divided by the number of images.
# hint: Twice the data should not have twice the loss.

def train_epoch(model, loader, optimizer):
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return total
