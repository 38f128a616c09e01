# timestamp: 2026-10-12 10:00:00 +0200
# file: Kopie von 03_separable.ipynb
# dress: colab
# %% after intro
!pip install -q safetensors torchinfo
from google.colab import drive
drive.mount('/content/drive')
%cd /content/drive/MyDrive
!nvidia-smi
# %% after setup
%matplotlib inline
from tqdm.notebook import tqdm
for _ in tqdm(range(50)):
    pass
# %% blank predict_cost
predict_1, predict_2, predict_3 = "c", "b", "c"
# %% blank parameter_counts
def convolution_parameter_count(cin, cout, k, bias):
    return sum(p.numel() for p in nn.Conv2d(cin, cout, k, bias=bias).parameters())

def separable_parameter_count(cin, cout, k, bias):
    dw = nn.Conv2d(cin, cin, k, groups=cin, bias=bias)
    pw = nn.Conv2d(cin, cout, 1, bias=bias)
    return sum(p.numel() for m in (dw, pw) for p in m.parameters())
# %% blank separable_conv
#@title Separable convolution { display-mode: "form" }
class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))
# %% blank mobilenet
class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        c = 64
        self.layers = nn.ModuleList([conv_norm_relu(3, c, 3)])
        for w, s in zip(WIDTHS, STRIDES):
            self.layers.append(conv_norm_relu(c, c, 3, s, c))
            self.layers.append(conv_norm_relu(c, w, 1))
            c = w
        self.out = nn.Linear(c, classes)

    def forward(self, images):
        for layer in self.layers:
            images = layer(images)
        return self.out(images.mean(3).mean(2))
# %% blank multiply_accumulates
def multiply_accumulates(model, input_size):
    device = next(model.parameters()).device
    n = 0
    def hook(m, i, o):
        global _n
        _n += o[0].numel() * m.weight[0].numel()
    global _n
    _n = 0
    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, *input_size, device=device))
    for h in hooks:
        h.remove()
    model.train()
    return _n
# %% blank repair_block
class RepairedBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, bias=False, groups=cin)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pointwise = nn.Conv2d(cin, cout, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        x = self.norm1(F.relu(self.depthwise(x)))
        return F.relu(self.norm2(self.pointwise(x)))
# %% blank quiz_1
quiz_1 = "a"
# %% blank quiz_2
quiz_2 = "c"
# %% blank quiz_3
quiz_3 = "a"
# %% blank quiz_4
quiz_4 = "d"
# %% blank quiz_5
quiz_5 = "d"
