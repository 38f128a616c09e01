# question: distillation_loss
# misconception: labels_not_weighted
# sentence: The cross-entropy lacks its weight 1 − alpha.
# hint: The weights of the two terms sum to one.

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    return alpha * kl_distillation(student_logits, teacher_logits, T) + F.cross_entropy(student_logits, labels)
