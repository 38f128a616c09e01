# question: mobilenet
# note: does not use the helper; a class for the pair, functional ReLU and pooling

class Pair(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.dw = nn.Conv2d(cin, cin, 3, stride, 1, groups=cin)
        self.pw = nn.Conv2d(cin, cout, 1)
        self.bn_dw, self.bn_pw = nn.BatchNorm2d(cin), nn.BatchNorm2d(cout)

    def forward(self, x):
        x = F.relu(self.bn_dw(self.dw(x)))
        return F.relu(self.bn_pw(self.pw(x)))

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.head = nn.Linear(512, classes)
        self.first, self.first_norm = nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64)
        chain = [64, *WIDTHS]
        self.pairs = nn.Sequential(*[Pair(chain[j], chain[j + 1], STRIDES[j]) for j in range(10)])

    def forward(self, images):
        x = F.relu(self.first_norm(self.first(images)), inplace=True)
        return self.head(F.adaptive_avg_pool2d(self.pairs(x), 1).squeeze(-1).squeeze(-1))
