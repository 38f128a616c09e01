# question: nearest_neighbours
# note: the binomial formula, kept above zero; the result of topk as it comes

def nearest_neighbours(queries, gallery, k, metric):
    products = queries.matmul(gallery.t())
    if metric == "euclidean":
        squares = (queries ** 2).sum(1, keepdim=True) + (gallery ** 2).sum(1) - 2 * products
        d = squares.clamp_min(0).sqrt()
    elif metric == "cosine":
        d = 1 - F.cosine_similarity(queries[:, None], gallery[None], dim=2)
    else:
        raise ValueError(metric)
    return torch.topk(d, k, largest=False)
