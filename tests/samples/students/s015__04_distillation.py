# timestamp: 2026-10-26 19:45:00 +0100
# dress: windows
# %% blank soften
def soften(logits, T):
    # temperature: divide, then softmax over everything
    return F.softmax(logits / T, dim=0)


# %% blank kl_distillation
def kl_distillation(student_logits, teacher_logits, T):
    s = soften(student_logits, T)
    t = soften(teacher_logits, T)
    return T**2 * F.kl_div(s.log(), t, reduction="batchmean")


# %% blank distillation_loss
def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    return alpha * kl_distillation(student_logits, teacher_logits, T) + (1 - alpha) * F.cross_entropy(
        student_logits, labels
    )


# %% blank distill_epoch
def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    teacher_model.eval()
    student_model.train()
    losses = []
    for images, labels in loader:
        with torch.no_grad():
            teacher_logits = teacher_model(images)
        optimizer.zero_grad()
        loss = distillation_loss(student_model(images), teacher_logits, labels, T, alpha)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


# %% after quiz_5
for step in range(3000):
    print(f"epoch {step}: loss {1 / (step + 1):.6f} " + "." * 80)
