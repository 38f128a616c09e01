# question: nearest_neighbours
# misconception: neighbours_of_the_gallery
# sentence: The nearest queries of each row of the gallery are sought, instead of the nearest rows of each query.
# hint: Along which dimension do the gallery's rows lie?

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        g = gallery / gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(min(k, len(queries)), dim=0, largest=False)
    return values.T, indices.T
