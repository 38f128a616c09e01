# question: repair_sanity_check
# misconception: new_numbers_instead_of_shuffled
# sentence: The parameters are drawn anew instead of shuffled.
# hint: The copy has the same entries, in another order.

def randomised_copy(model, generator):
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) * parameter.data.std()
    return twin
