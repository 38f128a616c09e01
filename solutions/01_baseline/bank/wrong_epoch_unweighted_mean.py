# question: train_epoch
# misconception: mean_of_the_loss_over_batches
# sentence: Batches of different size count alike in the mean loss.
# hint: Weigh each batch's loss by its number of images.

def train_epoch(model, loader, optimizer):
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item(), count + 1
    return total / count
