# question: crop_stability
# note: Python's counter and statistics

from collections import Counter
from statistics import pstdev

def crop_stability(probabilities):
    crops = [p.tolist() for row in probabilities for p in row]
    votes = [p.index(max(p)) for p in crops]
    counts = Counter(sorted(votes))
    winner = min(counts, key=lambda c: (-counts[c], c))
    return counts[winner] / len(votes), pstdev(p[winner] for p in crops)
