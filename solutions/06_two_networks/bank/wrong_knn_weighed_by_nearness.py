# question: repair_knn
# misconception: votes_weighed_by_nearness
# sentence: Votes are divided by the distance, so the nearest image may outvote all others; the exercise gives each of the k one vote.
# hint: Three far neighbours of one class and two near ones of another: who has the majority?

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    distance = 1 - unit @ unit.T
    distance.fill_diagonal_(torch.inf)
    values, nearest = distance.topk(k, dim=1, largest=False)
    votes = torch.zeros(len(features), int(labels.max()) + 1)
    votes.scatter_add_(1, labels[nearest], 1 / (values + 1e-6))
    return votes.argmax(dim=1)
