# question: evaluate
# misconception: table_of_comparisons
# sentence: A column of guesses is compared with a row of labels: N × N comparisons instead of N.
# hint: Look at the shapes on both sides of `==`.

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1, keepdim=True) == labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
