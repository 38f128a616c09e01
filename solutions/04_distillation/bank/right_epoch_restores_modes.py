# question: distill_epoch
# note: puts both modes back afterwards, zeroes gradients by hand, sums on the fly

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    modes = student_model.training, teacher_model.training
    student_model.train(); teacher_model.eval()
    losses, sizes = [], []
    for x, y in loader:
        optimizer.zero_grad(set_to_none=False)
        with torch.inference_mode():
            soft = teacher_model(x)
        loss = distillation_loss(student_model(x), soft.clone(), y, T, alpha)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach()); sizes.append(y.numel())
    student_model.train(modes[0]); teacher_model.train(modes[1])
    w = torch.tensor(sizes, dtype=torch.float64)
    return float((torch.stack(losses).double() * w).sum() / w.sum())
