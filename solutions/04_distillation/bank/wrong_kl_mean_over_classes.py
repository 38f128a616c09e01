# question: kl_distillation
# misconception: mean_over_classes
# sentence: The average runs over classes too, so the loss is C times too small.
# hint: Read what reduction="mean" of F.kl_div divides by.

def kl_distillation(student_logits, teacher_logits, T):
    log_q = F.log_softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return T**2 * F.kl_div(log_q, p, reduction="mean")
