# question: repair_knn
# misconception: votes_weighed_by_similarity
# sentence: A neighbour's vote counts as much as the neighbour is similar; the exercise gives each of the k one vote.
# hint: Three far neighbours of one class and two near ones of another: who has the majority?

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-torch.inf)
    values, nearest = similarity.topk(k, dim=1)
    votes = torch.zeros(len(features), int(labels.max()) + 1)
    votes.scatter_add_(1, labels[nearest], values)
    return votes.argmax(dim=1)
