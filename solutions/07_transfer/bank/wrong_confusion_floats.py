# question: repair_confusion
# misconception: counts_as_floats
# sentence: The counts are floating-point numbers.
# hint: Which dtype has `torch.zeros`?

def confusion_matrix(predictions, labels, classes):
    matrix = torch.zeros(classes, classes)
    return matrix.index_put_((labels, predictions), torch.ones(len(labels)), accumulate=True)
