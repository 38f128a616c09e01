# question: distillation_loss
# misconception: labels_smoothed
# sentence: The cross-entropy smooths the labels, which the formula does not.
# hint: With alpha 0 the loss should be the plain cross-entropy.

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    hard = F.cross_entropy(student_logits, labels, label_smoothing=0.1)
    return alpha * kl_distillation(student_logits, teacher_logits, T) + (1 - alpha) * hard
