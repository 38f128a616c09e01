# question: basic_block
# misconception: shortcut_without_weights
# sentence: The shortcut never has weights: it is subsampled and filled up with zeros instead.
# hint: Where the shape changes, the table wants a 1×1 convolution and a batch norm.

class BasicBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        if True:
            self.shortcut = nn.Identity()
        else:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = self.norm2(self.conv2(h))
        s = x[:, :, :: x.shape[2] // h.shape[2] or 1, :: x.shape[3] // h.shape[3] or 1][:, : h.shape[1], : h.shape[2], : h.shape[3]]
        s = F.pad(s, (0, h.shape[3] - s.shape[3], 0, h.shape[2] - s.shape[2], 0, h.shape[1] - s.shape[1]))
        return F.relu(h + s)
