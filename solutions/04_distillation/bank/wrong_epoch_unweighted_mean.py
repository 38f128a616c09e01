# question: distill_epoch
# misconception: mean_over_unequal_batches
# sentence: Batches of different size count alike in the mean loss.
# hint: Weigh each batch's loss by its number of images.

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    losses = []
    for images, labels in loader:
        with torch.no_grad():
            guide = teacher_model(images)
        loss = distillation_loss(student_model(images), guide, labels, T, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)
