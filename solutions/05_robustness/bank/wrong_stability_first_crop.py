# question: crop_stability
# misconception: agreement_with_the_first_crop
# sentence: The crops are compared with the first crop, not with the most common class.
# hint: The first crop may be the odd one out.

def crop_stability(probabilities):
    crops = probabilities.flatten(0, 1)
    votes = crops.argmax(1)
    return (votes == votes[0]).float().mean().item(), crops[:, votes[0]].std(correction=0).item()
