# question: repair_knn
# misconception: itself_among_its_neighbours
# sentence: Each image still votes for itself.
# hint: With k = 1 random labels look perfect.

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    nearest = similarity.topk(k, dim=1).indices
    return labels[nearest].mode(dim=1).values
