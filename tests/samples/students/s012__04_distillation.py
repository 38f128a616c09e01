# timestamp: 2026-10-25 15:20:00 +0100
# %% blank soften
def soften(logits, T):
    return torch.softmax(logits / T, dim=1)


# %% blank kl_distillation
def kl_distillation(student_logits, teacher_logits, T):
    p_teacher = soften(teacher_logits, T)
    p_student = soften(student_logits, T)
    kl = (p_teacher * (p_teacher.log() - p_student.log())).sum(1).mean()
    return T * kl


# %% blank distillation_loss
def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    return alpha * kl_distillation(student_logits, teacher_logits, T) + (1 - alpha) * F.cross_entropy(
        student_logits, labels
    )


# %% blank distill_epoch
def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    student_model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = distillation_loss(student_model(images), teacher_model(images), labels, T, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(images)
        count += len(images)
    return total / count


# %% blank add_label_noise
def add_label_noise(labels, rate, classes, generator):
    noisy = labels.clone()
    chosen = torch.rand(len(labels), generator=generator) < rate
    noisy[chosen] = torch.randint(0, classes, (int(chosen.sum()),), generator=generator)
    return noisy


# %% blank quiz_1
quiz_1 = "a"
# %% blank quiz_3
quiz_3 = "b"
