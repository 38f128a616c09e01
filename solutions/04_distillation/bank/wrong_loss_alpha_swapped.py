# question: distillation_loss
# misconception: alpha_the_wrong_way_round
# sentence: Alpha weighs the labels instead of the teacher.
# hint: With alpha = 0 only the labels should count.

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(student_logits, teacher_logits, T)
    hard = F.cross_entropy(student_logits, labels)
    return (1 - alpha) * soft + alpha * hard
