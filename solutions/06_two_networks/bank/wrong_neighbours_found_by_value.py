# question: nearest_neighbours
# misconception: rows_found_by_their_distance
# sentence: Rows are looked up by their distance, so of several rows at one distance the first is named each time.
# hint: Sort, and take the places that the sort gives.

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        d = 1 - F.normalize(queries, dim=1) @ F.normalize(gallery, dim=1).T
    else:
        d = torch.stack([(gallery - q).norm(dim=1) for q in queries])
    values = d.sort(dim=1).values[:, :k]
    indices = torch.stack([(row == v[:, None]).int().argmax(dim=1) for row, v in zip(d, values)])
    return values, indices
