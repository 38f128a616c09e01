# question: penultimate_features
# note: a forward hook that looks at the inputs; try and finally; a class for the hook

class Catch:
    def __call__(self, module, inputs, output):
        self.caught = inputs[0].clone()

def penultimate_features(model, images):
    linears = list(filter(lambda m: type(m) is nn.Linear, model.modules()))
    catch, before = Catch(), {n: m.training for n, m in model.named_modules()}
    hook = linears[-1].register_forward_hook(catch)
    try:
        model.eval()
        with torch.inference_mode():
            model(images)
    finally:
        hook.remove()
        for n, m in model.named_modules():
            m.training = before[n]
    return catch.caught
