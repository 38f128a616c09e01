# question: distill_epoch
# misconception: batch_means_over_images
# sentence: Means over batches are added up and divided by the number of images: far too small.
# hint: A batch's loss is already divided by its images: multiply it by them before you add.

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    total, count = 0.0, 0
    for images, labels in loader:
        with torch.no_grad():
            guide = teacher_model(images)
        loss = distillation_loss(student_model(images), guide, labels, T, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item(), count + len(images)
    return total / count
