# question: repair_confusion
# misconception: shares_for_counts
# sentence: Every row is divided by its sum: shares, not counts.
# hint: All entries should add up to N.

def confusion_matrix(predictions, labels, classes):
    counts = torch.bincount(labels * classes + predictions, minlength=classes**2).view(classes, classes)
    return counts / counts.sum(dim=1, keepdim=True).clamp_min(1)
