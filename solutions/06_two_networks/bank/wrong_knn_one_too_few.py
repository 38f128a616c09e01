# question: repair_knn
# misconception: k_counts_the_image_itself
# sentence: One neighbour too few votes: the image itself was dropped from k, not added to it.
# hint: k others are wanted: ask for k + 1 before you drop one.

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    nearest = similarity.topk(max(k, 2), dim=1).indices[:, 1:]
    return labels[nearest].mode(dim=1).values
