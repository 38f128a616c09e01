# question: nearest_neighbours
# misconception: cosine_without_lengths
# sentence: The cosine is taken without dividing by the lengths: long rows look near to everything.
# hint: Does the answer change when a row is doubled?

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - queries @ gallery.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
