# question: repair_knn
# misconception: features_normalised_over_images_left
# sentence: The features are still normalised over the images, so an image's length counts.
# hint: Which dimension is one image?

def knn_classify(features, labels, k):
    unit = F.normalize(features, dim=0)
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-torch.inf)
    nearest = similarity.topk(k, dim=1).indices
    return labels[nearest].mode(dim=1).values
