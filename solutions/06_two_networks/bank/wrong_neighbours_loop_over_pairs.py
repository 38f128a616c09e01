# question: nearest_neighbours
# misconception: loop_over_pairs
# sentence: A Python loop goes over every pair, which takes minutes for a thousand images.
# hint: One matrix of distances for all pairs, or one row of it for each query.
# unrecognisable: It is caught by the time it takes, and so is the search for it.

def nearest_neighbours(queries, gallery, k, metric):
    d = torch.zeros(len(queries), len(gallery))
    for i in range(len(queries)):
        for j in range(len(gallery)):
            if metric == "euclidean":
                d[i, j] = (queries[i] - gallery[j]).norm()
            else:
                d[i, j] = 1 - F.cosine_similarity(queries[i], gallery[j], dim=0)
    values, indices = d.sort(dim=1)
    return values[:, :k], indices[:, :k]
