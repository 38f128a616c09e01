# question: kl_distillation
# misconception: t_instead_of_t_squared
# sentence: The factor is T where T² is needed.
# hint: Two factors of 1/T go into the gradient: find both.

def kl_distillation(student_logits, teacher_logits, T):
    log_q = F.log_softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return T * F.kl_div(log_q, p, reduction="batchmean")
