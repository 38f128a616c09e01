# question: distillation_loss
# misconception: t_squared_twice
# sentence: T² is applied a second time; kl_distillation has it already.
# hint: Count the factors of T in what kl_distillation returns.

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(student_logits, teacher_logits, T) * T**2
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
