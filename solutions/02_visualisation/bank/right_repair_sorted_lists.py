# question: repair_sanity_check
# note: Python lists for the ranks, cosine similarity of centred ranks, a 0-d tensor as the answer; parameters copied under no_grad

import copy as copying

def randomised_copy(model, generator):
    result = copying.deepcopy(model)
    with torch.no_grad():
        for p in result.parameters():
            values = p.reshape(-1).clone()
            p.copy_(values.index_select(0, torch.randperm(len(values), generator=generator)).view_as(p))
    return result

def rank_correlation(a, b):
    lists = []
    for m in (a, b):
        values = m.flatten().tolist()
        place = {value: rank for rank, value in enumerate(sorted(values))}
        lists.append(torch.tensor([float(place[value]) for value in values]))
    r, s = (x - x.mean() for x in lists)
    return F.cosine_similarity(r, s, dim=0)
