# question: repair_confusion
# note: one pair after the other

def confusion_matrix(predictions, labels, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    for predicted, true in zip(predictions.tolist(), labels.tolist()):
        matrix[true][predicted] += 1
    return matrix
