# question: total_variation
# misconception: variation_cut_from_the_graph
# sentence: The variation has no gradient: it was turned into a plain number on the way.
# hint: .item(), float() and .detach() end the graph.

def total_variation(image):
    with torch.no_grad():
        down = (image[:, 1:] - image[:, :-1]).abs().sum()
        across = (image[:, :, 1:] - image[:, :, :-1]).abs().sum()
    return (down + across) / image.numel()
