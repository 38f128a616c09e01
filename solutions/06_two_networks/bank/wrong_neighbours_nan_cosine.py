# question: nearest_neighbours
# misconception: zero_row_divides_by_zero
# sentence: A row of zeros has length 0, and dividing by it makes its cosine NaN.
# hint: The text gives a row of zeros the distance 1 from everything: what may you divide by instead of 0?

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        q = queries / queries.norm(dim=1, keepdim=True)
        g = gallery / gallery.norm(dim=1, keepdim=True)
        d = 1 - q @ g.T
    else:
        d = torch.cdist(queries, gallery)
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
