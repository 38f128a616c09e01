# question: repair_confusion
# note: index_put_ that accumulates

def confusion_matrix(predictions, labels, classes):
    matrix = torch.zeros((classes, classes), dtype=torch.int64)
    return matrix.index_put_((labels, predictions), torch.ones_like(labels), accumulate=True)
