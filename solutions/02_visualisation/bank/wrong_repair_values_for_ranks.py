# question: repair_sanity_check
# misconception: values_instead_of_ranks
# sentence: The correlation is that of the values, not of their ranks.
# hint: A map and its square have rank correlation 1.

def rank_correlation(a, b):
    return torch.corrcoef(torch.stack([a.flatten(), b.flatten()]).double())[0, 1].item()
