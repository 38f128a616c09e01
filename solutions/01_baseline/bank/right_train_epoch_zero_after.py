# question: train_epoch
# note: gradients cleared after the step, sizes and losses collected, torch's own loss

def train_epoch(model, loader, optimizer):
    model.train(True)
    optimizer.zero_grad()
    losses, sizes = [], []
    for batch in loader:
        x, y = batch
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        sizes.append(x.shape[0])
    return sum(l * n for l, n in zip(losses, sizes)) / sum(sizes)
