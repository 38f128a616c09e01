# question: separable_conv
# misconception: view_of_permuted_maps
# sentence: `view` works only where the numbers lie in memory in order, so a batch that was permuted raises an error.
# hint: `reshape` or `flatten` copies where it has to.

class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=bias
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        n, channels, height, width = x.shape
        k, stride = self.depthwise.kernel_size[0], self.depthwise.stride[0]
        patches = F.unfold(x.view(n * channels, 1, height, width), k, padding=k // 2, stride=stride)
        kernels = self.depthwise.weight.view(1, channels, k * k, 1)
        maps = (patches.view(n, channels, k * k, -1) * kernels).sum(dim=2)
        if self.depthwise.bias is not None:
            maps = maps + self.depthwise.bias[:, None]
        rows = (height + 2 * (k // 2) - k) // stride + 1
        return self.pointwise(maps.view(n, channels, rows, -1))
