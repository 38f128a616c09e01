# question: repair_confusion
# misconception: size_from_labels
# sentence: The size is taken from the labels, and images taken for other classes are left out.
# hint: Which argument is not used?

def confusion_matrix(predictions, labels, classes):
    size = int(labels.max()) + 1
    inside = predictions < size
    pairs = labels[inside] * size + predictions[inside]
    return torch.bincount(pairs, minlength=size**2).view(size, size)
