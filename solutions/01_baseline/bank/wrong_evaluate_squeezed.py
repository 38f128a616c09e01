# question: evaluate
# misconception: needless_squeeze_of_logits
# sentence: A `squeeze` drops every dimension of length 1, so a last batch of one image loses its batch.
# hint: The logits of one image are `(1, C)`: leave them so.

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images).squeeze()
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
