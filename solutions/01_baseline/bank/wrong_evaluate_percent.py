# question: evaluate
# misconception: percent_instead_of_share
# sentence: The accuracy is in percent.
# hint: A share lies in [0, 1].

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, 100 * hits / count
