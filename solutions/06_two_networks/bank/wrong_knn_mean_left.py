# question: repair_knn
# misconception: mean_of_class_numbers
# sentence: The mean of class numbers is still taken for a vote: a frog and a plane make a bird.
# hint: Labels 0, 0, 9 have the mean 3.

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-2)
    nearest = similarity.topk(k, dim=1).indices
    return labels[nearest].float().mean(dim=1).round().long()
