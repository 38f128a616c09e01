# question: distill_epoch
# misconception: gradients_not_cleared
# sentence: Gradients are never cleared, so each step adds all earlier ones.
# hint: What does `loss.backward()` do to `p.grad`?

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    total, count = 0.0, 0
    for images, labels in loader:
        with torch.no_grad():
            guide = teacher_model(images)
        loss = distillation_loss(student_model(images), guide, labels, T, alpha)
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(images), count + len(images)
    return total / count
