# question: repair_confusion
# misconception: made_symmetric
# sentence: Both kinds of confusion are added up: the matrix is symmetric.
# hint: A cat taken for a dog is not a dog taken for a cat.

def confusion_matrix(predictions, labels, classes):
    counts = torch.bincount(labels * classes + predictions, minlength=classes**2).view(classes, classes)
    return torch.where(torch.eye(classes, dtype=torch.bool), counts, counts + counts.T)
