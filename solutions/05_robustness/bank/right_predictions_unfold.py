# question: crop_predictions
# note: crops of its own by unfold, float64 softmax, a copy of the model

import copy

def crop_predictions(model, image, size, stride):
    twin = copy.deepcopy(model).eval()
    grid = image.detach().unfold(1, size, stride).unfold(2, size, stride).permute(1, 2, 0, 3, 4)
    with torch.no_grad():
        logits = twin(grid.flatten(0, 1).contiguous())
    return logits.double().softmax(1).float().view(grid.size(0), grid.size(1), -1)
