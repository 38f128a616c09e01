# question: repair_resolution
# note: all images at once, the modes saved in a list, everything written out

def evaluate_at_resolution(model, images, labels, resolution):
    modes = [m.training for m in model.modules()]
    model.eval()
    with torch.no_grad():
        x = F.interpolate(images, size=[resolution, resolution], mode="bilinear", align_corners=False, antialias=True)
        predicted = F.softmax(model(x), dim=1).argmax(1)
    for m, mode in zip(model.modules(), modes):
        m.training = mode
    return torch.eq(predicted, labels).double().mean().item()
