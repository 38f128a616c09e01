# question: repair_confusion
# misconception: rows_are_predictions
# sentence: Rows are predictions and columns are true classes.
# hint: A row should sum to the number of images of its class.

def confusion_matrix(predictions, labels, classes):
    return torch.bincount(predictions * classes + labels, minlength=classes**2).view(classes, classes)
