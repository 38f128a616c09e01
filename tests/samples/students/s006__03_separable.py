# timestamp: 2026-10-12 23:30:00 +0200
# %% blank parameter_counts
def convolution_parameter_count(cin, cout, k, bias):
    return k * k * cin * cout + bias * cout


def separable_parameter_count(cin, cout, k, bias):
    return k * k * cin + cin * cout + bias * (cin + cout)


# %% blank separable_conv
class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, 1, in_channels, bias
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


# %% blank multiply_accumulates
def multiply_accumulates(model, input_size):
    total = 0
    layers = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    i = 0
    while i < len(layers):
        total += layers[i].weight.numel()
        # forgot i += 1
    return total


# %% blank quiz_1
quiz_1 = "a"
