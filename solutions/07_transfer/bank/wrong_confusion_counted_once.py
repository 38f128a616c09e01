# question: repair_confusion
# misconception: every_pair_counted_once
# sentence: Every pair is counted once, however often it occurs.
# hint: What does `matrix[i, j] += 1` do where i and j are lists with repeated pairs? Look at the sum.

def confusion_matrix(predictions, labels, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.int64)
    matrix[labels, predictions] += 1
    return matrix
