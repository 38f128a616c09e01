# question: repair_knn
# note: distances of one image after the other, infinity for itself, votes by one-hot

def knn_classify(features, labels, k):
    unit = F.normalize(features.double())
    found = []
    for i, row in enumerate(unit):
        distance = 1 - unit @ row
        distance[i] = float("inf")
        nearest = distance.argsort()[:k]
        found.append(F.one_hot(labels[nearest], int(labels.max()) + 1).sum(dim=0).argmax())
    return torch.stack(found)
