# question: train_epoch
# misconception: loss_of_the_last_batch
# sentence: What comes back is the loss of the last batch, not the mean over the epoch.
# hint: Add up over the batches before you divide.

def train_epoch(model, loader, optimizer):
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return loss.item()
