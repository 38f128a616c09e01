# question: repair_knn
# note: one neighbour more, the first dropped, since nothing is nearer to an image than itself; votes by one-hot

def knn_classify(features, labels, k):
    unit = F.normalize(features.double())
    nearest = torch.topk(unit @ unit.T, k + 1).indices[:, 1:]
    votes = F.one_hot(labels[nearest], int(labels.max()) + 1).sum(dim=1)
    return votes.argmax(dim=1)
