# question: evaluate
# misconception: last_batch_only
# sentence: Only the last batch is counted.
# hint: Where do the sums start?

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            loss, hits, count = 0.0, 0, 0
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
