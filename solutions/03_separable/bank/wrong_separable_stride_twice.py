# question: separable_conv
# misconception: stride_in_both_halves
# sentence: Both halves have the stride, so maps shrink by its square.
# hint: The stride belongs to the depthwise half alone.

class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride=stride, padding=kernel_size // 2, groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))
