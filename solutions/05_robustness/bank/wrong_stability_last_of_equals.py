# question: crop_stability
# misconception: largest_number_among_equals
# sentence: Among classes with equally many votes the one with the largest number wins.
# hint: Among equals the text names the smallest number.

def crop_stability(probabilities):
    crops = probabilities.flatten(0, 1)
    votes = crops.argmax(1)
    counts = votes.bincount(minlength=crops.shape[1])
    winner = (counts == counts.max()).nonzero().max()
    return (votes == winner).float().mean().item(), crops[:, winner].std(correction=0).item()
