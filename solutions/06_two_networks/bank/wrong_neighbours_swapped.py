# question: nearest_neighbours
# misconception: indices_first
# sentence: Indices come back first and distances second.
# hint: Distances, then indices.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return indices, values
