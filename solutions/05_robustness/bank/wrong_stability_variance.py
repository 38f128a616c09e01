# question: crop_stability
# misconception: variance_for_deviation
# sentence: The spread is the variance, without the square root.
# hint: Which of the two is in units of probability?

def crop_stability(probabilities):
    crops = probabilities.flatten(0, 1)
    votes = crops.argmax(1)
    winner = votes.bincount().argmax()
    return (votes == winner).float().mean().item(), crops[:, winner].var(correction=0).item()
