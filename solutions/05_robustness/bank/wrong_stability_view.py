# question: crop_stability
# misconception: view_of_a_permuted_map
# sentence: `view` works only where the numbers lie in memory in order, so a permuted map raises an error.
# hint: `flatten(0, 1)` or `reshape` copies where it has to.

def crop_stability(probabilities):
    crops = probabilities.view(-1, probabilities.shape[2])
    votes = crops.argmax(dim=1).bincount()
    winner = votes.argmax()
    return (votes[winner] / len(crops)).item(), crops[:, winner].std(correction=0).item()
