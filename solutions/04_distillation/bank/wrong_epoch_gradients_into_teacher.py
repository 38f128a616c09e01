# question: distill_epoch
# misconception: gradients_into_the_teacher
# sentence: Gradients flow into the teacher.
# hint: Compute the teacher's logits under torch.no_grad().

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = distillation_loss(student_model(images), teacher_model(images), labels, T, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(images), count + len(images)
    return total / count
