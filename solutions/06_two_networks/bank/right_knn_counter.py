# question: repair_knn
# note: a loop over the images and a counter

from collections import Counter

def knn_classify(features, labels, k):
    answers = []
    for i in range(len(features)):
        others = torch.tensor([j for j in range(len(features)) if j != i])
        near = F.cosine_similarity(features[others], features[i : i + 1]).argsort(descending=True)[:k]
        answers.append(Counter(labels[others[near]].tolist()).most_common(1)[0][0])
    return torch.tensor(answers)
