# question: separable_conv
# misconception: full_convolution_posing
# sentence: The output does not come from `depthwise` and `pointwise`: another layer does the work.
# hint: Which of your layers does `forward` use?

class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)
        full = nn.Conv2d(in_channels, out_channels, kernel_size, stride, kernel_size // 2, bias=bias)
        self.__dict__["full"] = full  # not counted among the parameters

    def forward(self, x):
        return self.full(x)
