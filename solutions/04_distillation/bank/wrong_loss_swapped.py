# question: distillation_loss
# misconception: student_and_teacher_swapped
# sentence: Student and teacher are exchanged in the divergence.
# hint: In which order does `kl_distillation` take its logits?

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(teacher_logits, student_logits, T)
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
