# question: nearest_neighbours
# misconception: metric_ignored
# sentence: The metric is always Euclidean.
# hint: Does the argument `metric` change anything?

def nearest_neighbours(queries, gallery, k, metric):
    if False:
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
