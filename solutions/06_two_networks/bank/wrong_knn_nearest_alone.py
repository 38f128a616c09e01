# question: repair_knn
# misconception: k_ignored
# sentence: Only the nearest image votes, whatever k says.
# hint: Does the answer change with k?

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-2)
    nearest = similarity.topk(1, dim=1).indices
    return labels[nearest].mode(dim=1).values
