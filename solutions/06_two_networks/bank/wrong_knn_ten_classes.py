# question: repair_knn
# misconception: vote_among_ten_classes
# sentence: The votes are counted for ten classes, whatever the labels are.
# hint: Labels may be larger than 9.

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-2)
    nearest = similarity.topk(k, dim=1).indices
    return F.one_hot(labels[nearest], 10).sum(1).argmax(1)
