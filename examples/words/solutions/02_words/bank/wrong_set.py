# question: tally
# misconception: counts_once
# sentence: Every word counts once, however often it occurs.
# hint: What happens when a word comes a second time?
def tally(names):
    return {name: 1 for name in names}
