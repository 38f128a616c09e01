# question: distill_epoch
# misconception: student_in_eval_mode
# sentence: The student is trained in eval mode: its batch norm never learns its statistics.
# hint: After evaluation a network is in eval mode; who puts it back?

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.eval()
    teacher_model.eval()
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
