# question: kl_distillation
# misconception: t_squared_missing
# sentence: The factor T² is missing.
# hint: What does softening do to the size of the gradient?

def kl_distillation(student_logits, teacher_logits, T):
    log_q = F.log_softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return F.kl_div(log_q, p, reduction="batchmean")
