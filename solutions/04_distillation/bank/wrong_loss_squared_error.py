# question: distillation_loss
# misconception: squared_error_for_divergence
# sentence: Student and teacher are compared by the squared error of their softened probabilities instead of the divergence.
# hint: What does `kl_distillation` of part 3 compare?

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = T**2 * F.mse_loss(F.softmax(student_logits / T, dim=1), F.softmax(teacher_logits / T, dim=1))
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
