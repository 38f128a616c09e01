# question: saliency_map
# note: torch.func.grad of a function of the image

from torch.func import grad

def saliency_map(model, image, label):
    def score(x):
        return model(x.unsqueeze(0)).squeeze(0)[label]
    with evaluating(model):
        return grad(score)(image).abs().max(0).values
