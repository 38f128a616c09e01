# question: nearest_neighbours
# note: differences by broadcasting, einsum for the cosine, a full sort, a named tuple

from collections import namedtuple

Neighbours = namedtuple("Neighbours", "distances indices")

def nearest_neighbours(queries, gallery, k, metric="euclidean"):
    if metric == "euclidean":
        d = (queries.unsqueeze(1) - gallery.unsqueeze(0)).square().sum(-1).sqrt()
    else:
        lengths = queries.norm(dim=1)[:, None] * gallery.norm(dim=1)[None, :]
        d = 1 - torch.einsum("qd,gd->qg", queries, gallery) / lengths.clamp(min=1e-8)
    d, i = torch.sort(d, dim=-1, stable=True)
    return Neighbours(d[:, :k], i[:, :k])
