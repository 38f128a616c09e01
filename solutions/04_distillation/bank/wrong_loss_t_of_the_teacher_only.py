# question: distillation_loss
# misconception: only_the_teacher_softened
# sentence: Only the teacher's logits are divided by T; the student's are not.
# hint: Both networks are at temperature T.

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    log_q, p = F.log_softmax(student_logits, dim=1), F.softmax(teacher_logits / T, dim=1)
    soft = T**2 * F.kl_div(log_q, p, reduction="batchmean")
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
