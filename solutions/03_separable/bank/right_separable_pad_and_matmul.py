# question: separable_conv
# note: padding as a layer of its own in forward, the 1x1 convolution as a matrix product

class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.pad = kernel_size // 2
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride=stride, groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        h = self.depthwise(F.pad(x, (self.pad,) * 4))
        y = torch.einsum("oi,nihw->nohw", self.pointwise.weight[:, :, 0, 0], h)
        if self.pointwise.bias is not None:
            y = y + self.pointwise.bias.view(1, -1, 1, 1)
        return y
