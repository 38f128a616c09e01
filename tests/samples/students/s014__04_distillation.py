# timestamp: 2026-10-26 08:00:00 +0100
# file: Übung 4 – Zusammenfassung (1).ipynb
# dress: version3
# %% blank soften
def soften(logits, T):
    z = logits / T
    z = z - z.max(dim=1, keepdim=True).values
    e = z.exp()
    return e / e.sum(dim=1, keepdim=True)


# %% blank kl_distillation
def kl_distillation(student_logits, teacher_logits, T):
    log_p_s = F.log_softmax(student_logits / T, dim=1)
    p_t = F.softmax(teacher_logits / T, dim=1)
    return T * T * F.kl_div(log_p_s, p_t, reduction="batchmean")


# %% blank distillation_loss
def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(student_logits, teacher_logits, T)
    hard = F.cross_entropy(student_logits, labels)
    return alpha * soft + (1.0 - alpha) * hard


# %% blank add_label_noise
def add_label_noise(labels, rate, classes, generator):
    flip = torch.rand(labels.shape, generator=generator) < rate
    shift = torch.randint(1, classes, labels.shape, generator=generator)
    return torch.where(flip, (labels + shift) % classes, labels)
