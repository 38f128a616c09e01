# timestamp: 2026-10-13 01:10:00 +0200
# dress: shuffled
# %% blank predict_cost
predict_1 = "c"
predict_2 = "b"
predict_3 = "c"


# %% blank parameter_counts
def convolution_parameter_count(cin, cout, k, bias):
    return (k * k * cin + (1 if bias else 0)) * cout


def separable_parameter_count(cin, cout, k, bias):
    b = 1 if bias else 0
    return (k * k + b) * cin + (cin + b) * cout


# %% blank separable_conv
class SeparableConv2d(nn.Sequential):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        from collections import OrderedDict

        super().__init__(
            OrderedDict(
                depthwise=nn.Conv2d(
                    in_channels,
                    in_channels,
                    kernel_size,
                    stride=stride,
                    padding=kernel_size // 2,
                    groups=in_channels,
                    bias=bias,
                ),
                pointwise=nn.Conv2d(in_channels, out_channels, 1, bias=bias),
            )
        )


# %% blank mobilenet
class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        blocks, last = [conv_norm_relu(3, 64, 3)], 64
        for i in range(10):
            blocks.append(conv_norm_relu(last, last, 3, stride=STRIDES[i], groups=last))
            blocks.append(conv_norm_relu(last, WIDTHS[i], 1))
            last = WIDTHS[i]
        self.net = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(last, 10))

    def forward(self, images):
        return self.net(images)


# %% blank repair_block
class RepairedBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pointwise = nn.Conv2d(cin, cout, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        return F.relu(self.norm2(self.pointwise(F.relu(self.norm1(self.depthwise(x))))))


# %% blank quiz_1
quiz_1 = "a"
# %% blank quiz_2
quiz_2 = "b"
# %% blank quiz_3
quiz_3 = "b"
# %% blank quiz_4
quiz_4 = "d"
# %% blank quiz_5
quiz_5 = "c"
