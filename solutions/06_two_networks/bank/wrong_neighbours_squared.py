# question: nearest_neighbours
# misconception: squared_distances
# sentence: The Euclidean distances are squared.
# hint: Query [3, 4] is at distance 3 from [0, 4].

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery) ** 2
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
