# question: nearest_neighbours
# misconception: normalised_in_place
# sentence: The caller's features are normalised in place.
# hint: `/=` changes the tensor that the caller holds.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        queries /= queries.norm(dim=1, keepdim=True).clamp_min(1e-12)
        gallery /= gallery.norm(dim=1, keepdim=True).clamp_min(1e-12)
        d = 1 - queries @ gallery.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
