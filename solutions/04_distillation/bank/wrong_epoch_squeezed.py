# question: distill_epoch
# misconception: needless_squeeze_of_logits
# sentence: A `squeeze` drops every dimension of length 1, so a batch of one image loses its batch.
# hint: The logits of one image are `(1, C)`: leave them so.

def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    teacher_model.eval()
    total, count = 0.0, 0
    for images, labels in loader:
        with torch.no_grad():
            guide = teacher_model(images).squeeze()
        loss = distillation_loss(student_model(images).squeeze(), guide, labels, T, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(images), count + len(images)
    return total / count
