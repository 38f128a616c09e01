# question: repair_sanity_check
# misconception: argsort_taken_for_ranks
# sentence: `argsort` is taken for the ranks: it says which pixel is the least, not which rank a pixel has.
# hint: Sort the sorting.

def rank_correlation(a, b):
    ranks = torch.stack([a.flatten().argsort(), b.flatten().argsort()]).double()
    return torch.corrcoef(ranks)[0, 1].item()
