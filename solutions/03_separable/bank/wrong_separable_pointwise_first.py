# question: separable_conv
# misconception: halves_in_the_wrong_order
# sentence: The pointwise half comes first, so the depthwise one works on the output's channels.
# hint: In the picture, which half sees the input?

class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)
        self.depthwise = nn.Conv2d(out_channels, out_channels, kernel_size, stride=stride, padding=kernel_size // 2, groups=out_channels, bias=bias)

    def forward(self, x):
        return self.depthwise(self.pointwise(x))
