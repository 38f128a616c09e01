# question: evaluate
# misconception: accuracy_averaged_over_batches
# sentence: Loss and accuracy are averaged over batches of unequal size.
# hint: Add up over images, divide once at the end.

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item()
            hits += (logits.argmax(dim=1) == labels).float().mean().item()
            count += 1
    return loss / count, hits / count
