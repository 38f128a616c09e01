# question: nearest_neighbours
# misconception: normalised_over_the_images
# sentence: The features are divided by their lengths over the images (dimension 0), not each image by its own.
# hint: Each *row* gets length one.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=0, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=0, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
