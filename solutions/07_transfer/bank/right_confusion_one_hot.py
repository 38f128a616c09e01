# question: repair_confusion
# note: a product of one-hot matrices

def confusion_matrix(predictions, labels, classes):
    return F.one_hot(labels, classes).T @ F.one_hot(predictions, num_classes=classes)
