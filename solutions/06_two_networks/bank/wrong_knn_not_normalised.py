# question: repair_knn
# misconception: dot_product_for_cosine
# sentence: The similarity is a plain product, so long features win.
# hint: The cosine divides by both lengths.

def knn_classify(features, labels, k):
    unit = features
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-torch.inf)
    nearest = similarity.topk(k, dim=1).indices
    return labels[nearest].mode(dim=1).values
