# question: repair_sanity_check
# misconception: view_of_a_transposed_map
# sentence: `view` works only where the numbers lie in memory in order, so a transposed map raises an error.
# hint: `flatten` copies where it has to.

def randomised_copy(model, generator):
    shuffled = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in shuffled.parameters():
            order = torch.randperm(parameter.numel(), generator=generator)
            parameter.copy_(parameter.flatten()[order].reshape(parameter.shape))
    return shuffled

def rank_correlation(a, b):
    r, s = (x.view(-1).argsort().argsort().double() for x in (a, b))
    r, s = r - r.mean(), s - s.mean()
    return float((r * s).sum() / (r.norm() * s.norm()))
