# question: evaluate
# misconception: evaluated_in_train_mode
# sentence: The model is evaluated in train mode: its answers depend on the batch, and its statistics move.
# hint: `torch.no_grad()` does not change a module's mode.

def evaluate(model, loader):
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
