# timestamp: 2026-10-25 20:12:45 +0100
# %% blank predict_temperature
predict_1 = "b"
predict_2 = "c"
predict_3 = "a"
# %% blank soften
def soften(logits, T):
    return torch.log_softmax(logits / T, dim=1).exp()
# %% blank kl_distillation
def kl_distillation(student_logits, teacher_logits, T):
    log_q = F.log_softmax(student_logits / T, dim=1)
    log_p = F.log_softmax(teacher_logits / T, dim=1)
    return F.kl_div(log_q, log_p, log_target=True, reduction="batchmean") * T * T
# %% blank distillation_loss
def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    from_teacher = kl_distillation(student_logits, teacher_logits, T)
    from_labels = F.cross_entropy(student_logits, labels)
    return alpha * from_teacher + (1 - alpha) * from_labels
# %% blank distill_epoch
def distill_epoch(student_model, teacher_model, loader, optimizer, T, alpha):
    teacher_model.eval()
    student_model.train()
    loss_sum = images_seen = 0
    for images, labels in loader:
        optimizer.zero_grad()
        with torch.inference_mode():
            target = teacher_model(images)
        loss = distillation_loss(student_model(images), target.clone(), labels, T, alpha)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * labels.shape[0]
        images_seen += labels.shape[0]
    return float(loss_sum / images_seen)
# %% blank add_label_noise
def add_label_noise(labels, rate, classes, generator):
    noisy = labels.clone()
    for i in range(len(labels)):
        if torch.rand((), generator=generator) < rate:
            wrong = int(torch.randint(classes - 1, (), generator=generator))
            noisy[i] = wrong if wrong < labels[i] else wrong + 1
    return noisy
# %% blank beyond_logits
def similarity_preserving_loss(student_features, teacher_features):
    n = student_features.shape[0]
    grams = []
    for features in (student_features, teacher_features):
        flat = features.reshape(n, -1)
        gram = torch.einsum("id,jd->ij", flat, flat)
        grams.append(F.normalize(gram, dim=1))
    return F.mse_loss(*grams)
# %% blank repair_temperature
def soft_cross_entropy(student_logits, teacher_logits, T):
    p = F.softmax(teacher_logits / T, dim=1)
    return -T**2 * (p * F.log_softmax(student_logits / T, dim=1)).sum(1).mean()
# %% [markdown] noise_and_teacher
# With clean labels the teacher adds about half a point (mean of three seeds, deviation 0.6, so this may be luck). At 40 % noise the gap is six points:
# the teacher's soft targets are right where the labels are wrong, and alpha = 0.9 makes the loss listen to the teacher.
# %% [markdown] what_teacher_knows
# For the truck the teacher gives automobile 8 % and ship 3 %, the rest almost nothing: it tells which mistakes are small.
# %% blank quiz_1
quiz_1 = "d"
# %% blank quiz_2
quiz_2 = "d"
# %% blank quiz_3
quiz_3 = "a"
# %% blank quiz_4
quiz_4 = "c"
# %% blank quiz_5
quiz_5 = 22.5
