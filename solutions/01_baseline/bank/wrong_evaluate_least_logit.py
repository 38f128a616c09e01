# question: evaluate
# misconception: least_logit_instead_of_largest
# sentence: The guess is the class with the least logit.
# hint: The network's guess is the class with the largest probability, hence the largest logit.

def evaluate(model, loader):
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmin(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
