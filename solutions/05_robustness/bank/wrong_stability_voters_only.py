# question: crop_stability
# misconception: spread_of_the_voters
# sentence: The spread leaves out the crops that voted for another class.
# hint: Those are the crops at which the probability of the winner falls.

def crop_stability(probabilities):
    crops = probabilities.flatten(0, 1)
    votes = crops.argmax(1)
    winner = votes.bincount().argmax()
    chosen = votes == winner
    return chosen.float().mean().item(), crops[chosen, winner].std(correction=0).item()
