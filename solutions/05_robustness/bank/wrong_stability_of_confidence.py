# question: crop_stability
# misconception: spread_of_the_largest
# sentence: The spread is that of each crop's largest probability, whichever class it belongs to.
# hint: Follow one class, the winner, through all crops.

def crop_stability(probabilities):
    confidence, votes = probabilities.flatten(0, 1).max(dim=1)
    agreement = votes.bincount().max() / len(votes)
    return agreement.item(), confidence.std(correction=0).item()
