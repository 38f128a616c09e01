# question: repair_sanity_check
# misconception: whole_filters_shuffled
# sentence: Whole filters change places, but each filter stays as it was.
# hint: The entries of a weight are shuffled, not its rows: how many entries has it?

def randomised_copy(model, generator):
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        parameter.data = parameter.data[torch.randperm(len(parameter), generator=generator)]
    return twin
