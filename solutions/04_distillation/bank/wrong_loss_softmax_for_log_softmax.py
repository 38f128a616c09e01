# question: distillation_loss
# misconception: divergence_of_probabilities
# sentence: `kl_div` gets the student's probabilities where it wants log-probabilities.
# hint: The first argument of `F.kl_div` is a logarithm; `kl_distillation` of part 3 has it right.

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    q, p = F.softmax(student_logits / T, dim=1), F.softmax(teacher_logits / T, dim=1)
    return alpha * T**2 * F.kl_div(q, p, reduction="batchmean") + (1 - alpha) * F.cross_entropy(student_logits, labels)
