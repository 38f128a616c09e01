# question: nearest_neighbours
# note: one query after the other, float64 inside, argsort

def nearest_neighbours(queries, gallery, k, metric):
    rows, places = [], []
    for q in queries.double():
        if metric == "euclidean":
            d = torch.linalg.vector_norm(gallery.double() - q, dim=1)
        else:
            d = 1 - F.cosine_similarity(gallery.double(), q[None], dim=1)
        order = d.argsort()[:k]
        rows.append(d[order])
        places.append(order)
    return torch.stack(rows).to(queries.dtype), torch.stack(places)
