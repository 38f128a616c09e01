# question: repair_sanity_check
# misconception: shallow_copy_left
# sentence: The copy still shares its parameters with the model, which is shuffled along.
# hint: copy.copy copies the outermost object only.

def randomised_copy(model, generator):
    twin = copy.copy(model)
    for parameter in twin.parameters():
        order = torch.randperm(parameter.numel(), generator=generator)
        parameter.data = parameter.data.flatten()[order].reshape(parameter.shape)
    return twin
