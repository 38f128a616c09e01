# question: evaluate
# misconception: gradients_recorded
# sentence: Gradients are recorded during the evaluation.
# hint: Time and memory for nothing: evaluate under `torch.no_grad()`.

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    if True:
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
