# question: separable_conv
# note: a subclass of nn.Sequential, layers added by name

from collections import OrderedDict

class SeparableConv2d(nn.Sequential):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        depth = nn.Conv2d(in_channels, in_channels, kernel_size, stride=stride,
                          padding=(kernel_size - 1) // 2, groups=in_channels, bias=bias)
        point = nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=bias)
        super().__init__(OrderedDict(depthwise=depth, pointwise=point))
