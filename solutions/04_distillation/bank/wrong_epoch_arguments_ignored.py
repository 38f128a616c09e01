# question: distill_epoch
# misconception: temperature_and_alpha_hard_coded
# sentence: T and alpha are fixed inside the loop.
# hint: Pass the arguments on to distillation_loss.

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    total, count = 0.0, 0
    for images, labels in loader:
        with torch.no_grad():
            guide = teacher_model(images)
        loss = distillation_loss(student_model(images), guide, labels, 4.0, 0.9)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(images), count + len(images)
    return total / count
