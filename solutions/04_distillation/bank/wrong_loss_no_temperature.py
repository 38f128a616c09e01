# question: distillation_loss
# misconception: temperature_ignored
# sentence: The temperature is not used: the divergence is that of T = 1.
# hint: Does the loss change with T?

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(student_logits, teacher_logits, 1.0)
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
