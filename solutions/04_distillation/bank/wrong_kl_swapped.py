# question: kl_distillation
# misconception: arguments_swapped
# sentence: The divergence is the wrong way round: the student's probabilities weigh the logarithms.
# hint: Whose probabilities stand before the bracket?

def kl_distillation(student_logits, teacher_logits, T):
    log_q = F.log_softmax(student_logits / T, dim=1)
    log_p = F.log_softmax(teacher_logits / T, dim=1)
    return T**2 * F.kl_div(log_p, log_q, reduction="batchmean", log_target=True)
