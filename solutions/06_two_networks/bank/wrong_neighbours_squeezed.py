# question: nearest_neighbours
# misconception: needless_squeeze
# sentence: A `squeeze` drops every dimension of length 1, so one query, or one neighbour, comes back with too few dimensions.
# hint: The shape is `(Q, k)`, also where Q or k is 1.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        d = 1 - F.normalize(queries, dim=1) @ F.normalize(gallery, dim=1).T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return values.squeeze(), indices.squeeze()
