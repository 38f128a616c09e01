# question: repair_knn
# misconception: median_of_class_numbers
# sentence: The median of class numbers is taken for a vote: it depends on how the classes are numbered.
# hint: Number the classes the other way round: does the vote change?

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=1)
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-2)
    nearest = similarity.topk(k, dim=1).indices
    return labels[nearest].median(dim=1).values
