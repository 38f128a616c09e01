# question: repair_sanity_check
# misconception: only_vectors_shuffled
# sentence: Only biases and batch norms are shuffled; the weights of the layers are not.
# hint: How many dimensions has the weight of a convolution?

def randomised_copy(model, generator):
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        if parameter.ndim == 1:
            parameter.data = parameter.data[torch.randperm(len(parameter), generator=generator)]
    return twin
