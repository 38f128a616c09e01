# question: accuracy_by_factor
# misconception: eval_mode_stays
# sentence: After the measurement the network stays in eval mode.
# hint: A caller in the middle of training would go on without dropout.

@torch.no_grad()
def accuracy_by_factor(model, factory, values, seed):
    model.eval()
    found = []
    for value in values:
        images, labels = factory(value, torch.Generator().manual_seed(seed))
        found.append((model(images).argmax(1) == labels).float().mean().item())
    return found
