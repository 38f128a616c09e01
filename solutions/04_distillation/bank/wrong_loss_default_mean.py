# question: distillation_loss
# misconception: divergence_averaged_over_classes
# sentence: The divergence is written out again with `kl_div`'s default reduction, a mean over images *and* classes: ten times too small.
# hint: `reduction="batchmean"`, or the `kl_distillation` that you have already.

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = T**2 * F.kl_div(F.log_softmax(student_logits / T, dim=1), F.softmax(teacher_logits / T, dim=1), reduction="mean")
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
