# question: parameter_counts
# note: builds the layers and counts their elements instead of using the formula

def count(layer):
    return sum(p.numel() for p in layer.parameters())

def convolution_parameter_count(cin, cout, k, bias):
    return count(nn.Conv2d(cin, cout, k, bias=bias))

def separable_parameter_count(cin, cout, k, bias):
    return count(nn.Conv2d(cin, cin, k, groups=cin, bias=bias)) + count(nn.Conv2d(cin, cout, 1, bias=bias))
