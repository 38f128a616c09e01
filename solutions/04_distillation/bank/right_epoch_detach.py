# question: distill_epoch
# note: detaches the teacher's logits instead of no_grad, zeroes gradients after the step

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    optimizer.zero_grad()
    seen, total = 0, 0.0
    for batch in loader:
        x, y = batch[0], batch[1]
        guide = teacher_model(x).detach()
        loss = distillation_loss(student_model(x), guide, y, T, alpha)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        seen += x.size(0)
        total += x.size(0) * loss.item()
    return total / seen
