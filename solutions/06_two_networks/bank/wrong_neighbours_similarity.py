# question: nearest_neighbours
# misconception: similarity_for_distance
# sentence: What comes back for the cosine is the similarity, not the distance 1 − cosine.
# hint: An image is at distance 0 from itself.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return (1 - values if metric == "cosine" else values), indices
