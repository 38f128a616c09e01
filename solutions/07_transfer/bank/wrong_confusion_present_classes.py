# question: repair_confusion
# misconception: absent_classes_left_out
# sentence: Classes that do not occur have neither row nor column.
# hint: The matrix has `classes` rows, whatever the images.

def confusion_matrix(predictions, labels, classes):
    present = torch.cat([labels, predictions]).unique()
    rows = [[int(((labels == i) & (predictions == j)).sum()) for j in present] for i in present]
    return torch.tensor(rows)
