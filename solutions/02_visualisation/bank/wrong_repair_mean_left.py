# question: repair_sanity_check
# misconception: ranks_not_centred
# sentence: The mean of the ranks is not subtracted, so that all maps look alike.
# hint: A correlation is the cosine of centred numbers; without centring, positive numbers always agree.

def rank_correlation(a, b):
    r, s = (v.flatten().argsort().argsort().double() for v in (a, b))
    return ((r * s).sum() / (r.norm() * s.norm())).item()
