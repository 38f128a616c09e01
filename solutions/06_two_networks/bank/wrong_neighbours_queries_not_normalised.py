# question: nearest_neighbours
# misconception: only_the_gallery_normalised
# sentence: Only the gallery is divided by its lengths: the order is right, the distances are not.
# hint: Both lengths stand in the formula.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - queries @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
