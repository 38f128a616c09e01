# question: distillation_loss
# misconception: cross_entropy_at_t
# sentence: The cross-entropy is taken at temperature T; labels belong to T = 1.
# hint: Which logits go into F.cross_entropy?

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(student_logits, teacher_logits, T)
    hard = F.cross_entropy(student_logits / T, labels)
    return alpha * soft + (1 - alpha) * hard
