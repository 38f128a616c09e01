# question: best_epoch
# misconception: least_accuracy
# sentence: The epoch with the least *accuracy* is chosen.
# hint: Least error is largest accuracy.

def best_epoch(history):
    accuracies = [row["validation_accuracy"] for row in history]
    return accuracies.index(min(accuracies))
