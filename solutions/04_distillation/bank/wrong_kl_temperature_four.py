# question: kl_distillation
# misconception: temperature_hard_coded
# sentence: The temperature is fixed and the argument ignored.
# hint: Do results change with T?

def kl_distillation(student_logits, teacher_logits, T):
    T = 2.0
    log_q = F.log_softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return T**2 * F.kl_div(log_q, p, reduction="batchmean")
