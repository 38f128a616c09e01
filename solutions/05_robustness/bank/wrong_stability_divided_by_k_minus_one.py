# question: crop_stability
# misconception: divided_by_k_minus_one
# sentence: The spread divides by the number of crops less one.
# hint: What does it give for one crop?

def crop_stability(probabilities):
    crops = probabilities.flatten(0, 1)
    votes = crops.argmax(1)
    winner = votes.bincount().argmax()
    return (votes == winner).float().mean().item(), crops[:, winner].std().item()
