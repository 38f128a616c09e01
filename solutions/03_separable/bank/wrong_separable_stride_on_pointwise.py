# question: separable_conv
# misconception: stride_on_the_pointwise_half
# sentence: The pointwise half has the stride: three quarters of what the depthwise half computes is thrown away.
# hint: The numbers that come out are the same; the work is not. Which half should work at the smaller size?

class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, padding=kernel_size // 2, groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))
