# timestamp: 2026-10-12 20:00:00 +0200
# %% blank parameter_counts
def convolution_parameter_count(cin, cout, k, bias):
    return k * k * cin * cout + (cout if bias else 0)


def separable_parameter_count(cin, cout, k, bias):
    return k * k * cin + cin * cout + (cin + cout if bias else 0)


# %% blank multiply_accumulates
def multiply_accumulates(model, input_size):
    # count by really doing all of them
    products = []
    c, h, w = input_size
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            for p in range(h * w):
                for weight in layer.weight.flatten():
                    products.append(torch.ones(1024, 1024) * weight)
    return len(products)


# %% after quiz_5
everything = []
while True:
    everything.append(torch.ones(64, 1024, 1024))
