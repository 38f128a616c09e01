# question: nearest_neighbours
# misconception: not_sorted
# sentence: The right neighbours come back, but in the order of the gallery, not nearest first.
# hint: Row by row the distances should rise.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    indices = indices.sort(dim=1).values
    return d.gather(1, indices), indices
