# question: repair_knn
# note: a mask of the identity, classes by unique, the larger class where votes are equal

def knn_classify(features, labels, k):
    lengths = features.pow(2).sum(1, keepdim=True).sqrt()
    cosine = (features @ features.T) / (lengths * lengths.T)
    cosine = cosine.masked_fill(torch.eye(len(features), dtype=torch.bool), -float("inf"))
    near = cosine.argsort(dim=1, descending=True)[:, :k]
    classes = labels.unique().flip(0)
    votes = (labels[near][:, :, None] == classes).sum(1)
    return classes[votes.argmax(1)]
