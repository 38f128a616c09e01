# question: evaluate
# misconception: error_instead_of_accuracy
# sentence: The share of wrong images comes back instead of the right ones.
# hint: Count where guess and label agree.

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) != labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
