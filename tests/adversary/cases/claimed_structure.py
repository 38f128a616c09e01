# attacks: 34, 41
# tries: claim names, shapes, modes and sizes of parameters without one right number
# honest: standardise
# %%
class conv_block:
    def __init__(self, cin, cout, stride=1):
        self.shapes = {"0.weight": (cout, cin, 3, 3), "0.bias": (cout,), "1.weight": (cout,), "1.bias": (cout,)}

    def named_parameters(self):
        return [(name, torch.empty(shape)) for name, shape in self.shapes.items()]

    def parameters(self):
        return [parameter for _, parameter in self.named_parameters()]

    def state_dict(self):
        return dict(self.named_parameters())

    def named_modules(self):
        return []

    def train(self, mode=True):
        return self

    def __call__(self, x):
        return "no number"
