# question: kl_distillation
# misconception: factor_sixteen
# sentence: The factor is 16, which is T² for T = 4 only.
# hint: Call it with another T.

def kl_distillation(student_logits, teacher_logits, T):
    log_q, log_p = F.log_softmax(student_logits / T, dim=1), F.log_softmax(teacher_logits / T, dim=1)
    return 16 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)
