# question: crop_stability
# misconception: winner_by_mean_probability
# sentence: The winner is the class with the largest mean probability, not the one with most votes.
# hint: Two very sure crops can outweigh three that are just above one half.

def crop_stability(probabilities):
    crops = probabilities.flatten(0, 1)
    winner = crops.mean(0).argmax()
    return (crops.argmax(1) == winner).float().mean().item(), crops[:, winner].std(correction=0).item()
