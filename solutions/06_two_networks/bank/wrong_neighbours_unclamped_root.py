# question: nearest_neighbours
# misconception: root_of_a_negative_number
# sentence: The squared distance from the binomial formula may be a little below 0 by rounding, and its root is then NaN.
# hint: What is the distance of an image from itself, and what does your formula give for it in float32?

def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        d = 1 - F.normalize(queries, dim=1) @ F.normalize(gallery, dim=1).T
    else:
        squares = (queries ** 2).sum(1, keepdim=True) + (gallery ** 2).sum(1) - 2 * queries @ gallery.T
        d = squares.sqrt()
    values, indices = d.topk(k, dim=1, largest=False)
    return values, indices
