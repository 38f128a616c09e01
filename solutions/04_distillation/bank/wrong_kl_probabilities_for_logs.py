# question: kl_distillation
# misconception: probabilities_for_log_probabilities
# sentence: F.kl_div is given the student's probabilities where it wants log-probabilities.
# hint: Check the first argument of F.kl_div in its documentation; a divergence is never negative.

def kl_distillation(student_logits, teacher_logits, T):
    q = F.softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return T**2 * F.kl_div(q, p, reduction="batchmean")
