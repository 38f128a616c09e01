# question: extract_features
# note: a copy in eval mode, inference mode, two comprehensions over one list of batches

def extract_features(backbone, loader):
    twin = copy.deepcopy(backbone).eval()
    batches = list(loader)
    with torch.inference_mode():
        rows = [twin(x) for x, _ in batches]
    return torch.vstack(rows).clone(), torch.hstack([y for _, y in batches])
