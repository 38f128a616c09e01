# question: baseline_net
# note: convolutions and norms in two lists, pooling as a layer, other names

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS, strides=STRIDES):
        super().__init__()
        ins = (3, *widths[:-1])
        self.fc = nn.Linear(widths[-1], classes)
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 3, stride=s, padding="same" if s == 1 else 1) for i, o, s in zip(ins, widths, strides))
        self.bns = nn.ModuleList(nn.BatchNorm2d(o) for o in widths)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))

    def forward(self, x):
        for conv, bn in zip(self.convs, self.bns):
            x = F.relu(bn(conv(x)), inplace=True)
        return self.fc(torch.flatten(self.pool(x), 1))
