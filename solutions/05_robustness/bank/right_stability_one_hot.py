# question: crop_stability
# note: one-hot votes, the variance as mean square minus squared mean, in float64, tensors as numbers

def crop_stability(probabilities):
    rows, cols, classes = probabilities.shape
    p = probabilities.reshape(rows * cols, classes).to(torch.float64)
    share = F.one_hot(p.argmax(-1), classes).double().mean(0)
    agreement, winner = share.max(0)[0], int((share == share.max()).nonzero()[0])
    chosen = p[:, winner]
    variance = ((chosen - chosen[0]) ** 2).mean() - (chosen - chosen[0]).mean() ** 2
    return agreement.float(), variance.clamp_min(0).sqrt().float()
