# question: distill_epoch
# misconception: one_step_per_epoch
# sentence: The optimizer steps once per epoch instead of once per batch.
# hint: Check the indentation of the step.

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    total, count = 0.0, 0
    optimizer.zero_grad()
    for images, labels in loader:
        with torch.no_grad():
            guide = teacher_model(images)
        loss = distillation_loss(student_model(images), guide, labels, T, alpha)
        loss.backward()
        total, count = total + loss.item() * len(images), count + len(images)
    optimizer.step()
    return total / count
