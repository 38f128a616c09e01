# question: evaluate
# misconception: loss_and_accuracy_swapped
# sentence: Accuracy and loss come back in the wrong order.
# hint: The docstring names the order: loss first.

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return hits / count, loss / count
