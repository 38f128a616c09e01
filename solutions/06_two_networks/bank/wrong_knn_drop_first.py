# question: repair_knn
# misconception: first_neighbour_taken_for_itself
# sentence: The first of k + 1 neighbours is dropped as the image itself, but where another image has equal features it may be that one.
# hint: Two photographs may be identical: exclude an image by its number, not by its rank.

def knn_classify(features, labels, k):
    unit = F.normalize(features.double())
    nearest = torch.topk(unit @ unit.T, k + 1).indices[:, 1:]
    votes = F.one_hot(labels[nearest], int(labels.max()) + 1).sum(dim=1)
    return votes.argmax(dim=1)
