# question: tally
# note: the standard library counts
from collections import Counter
def tally(names):
    return dict(Counter(names))
