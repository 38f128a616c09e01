# question: distill_epoch
# misconception: teacher_in_train_mode
# sentence: The teacher is in train mode: its batch norm uses the batch's statistics and changes.
# hint: `torch.no_grad()` does not change a module's mode.

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        with torch.no_grad():
            guide = teacher_model(images)
        loss = distillation_loss(student_model(images), guide, labels, T, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(images), count + len(images)
    return total / count
