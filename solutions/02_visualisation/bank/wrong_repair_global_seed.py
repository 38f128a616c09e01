# question: repair_sanity_check
# misconception: shuffled_by_the_global_seed
# sentence: The order comes from the global seed instead of the generator.
# hint: torch.randperm takes generator=…

def randomised_copy(model, generator):
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        order = torch.randperm(parameter.numel())
        parameter.data = parameter.data.flatten()[order].reshape(parameter.shape)
    return twin
