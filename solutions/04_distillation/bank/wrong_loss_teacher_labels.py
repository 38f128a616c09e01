# question: distillation_loss
# misconception: cross_entropy_of_the_teacher
# sentence: The cross-entropy is that of the teacher's logits, which the student cannot change.
# hint: Who should learn from the labels?

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(student_logits, teacher_logits, T)
    return alpha * soft + (1 - alpha) * F.cross_entropy(teacher_logits, labels)
