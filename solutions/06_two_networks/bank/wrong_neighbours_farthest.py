# question: nearest_neighbours
# misconception: farthest_first
# sentence: These are the farthest rows, not the nearest.
# hint: `topk` takes the largest unless told otherwise.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1)
    return values, indices
