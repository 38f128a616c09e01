# question: kl_distillation
# misconception: log_softmax_of_probabilities
# sentence: The student's probabilities go through a second softmax: `log_softmax` wants logits.
# hint: How many softmaxes lie between the student's logits and its probabilities?

def kl_distillation(student_logits, teacher_logits, T):
    q, p = F.softmax(student_logits / T, dim=1), F.softmax(teacher_logits / T, dim=1)
    return T**2 * F.kl_div(F.log_softmax(q, dim=1), p, reduction="batchmean")
