# question: repair_confusion
# misconception: only_errors_counted
# sentence: What is right is not counted: the diagonal is empty.
# hint: What stands on the diagonal of the worked numbers?

def confusion_matrix(predictions, labels, classes):
    wrong = labels != predictions
    return torch.bincount((labels * classes + predictions)[wrong], minlength=classes**2).view(classes, classes)
