# timestamp: 2026-10-29 12:00:00 +0100
# dress: bare
# %% blank soften
def soften(logits, T):
    return logits.div(T).softmax(-1)


# %% blank kl_distillation
def kl_distillation(student_logits, teacher_logits, T):
    p, q = soften(teacher_logits, T), soften(student_logits, T)
    return T**2 * (torch.special.xlogy(p, p) - p * q.log()).sum() / len(p)


# %% blank distillation_loss
def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    return torch.lerp(
        F.cross_entropy(student_logits, labels), kl_distillation(student_logits, teacher_logits, T), alpha
    )


# %% blank beyond_logits
def similarity_preserving_loss(student_features, teacher_features):
    def similarities(features):
        flat = features.flatten(1)
        return F.normalize(flat @ flat.T, dim=1)

    n = len(student_features)
    return ((similarities(student_features) - similarities(teacher_features)) ** 2).sum() / n**2
