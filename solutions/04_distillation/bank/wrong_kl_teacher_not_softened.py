# question: kl_distillation
# misconception: teacher_not_softened
# sentence: Only the student is softened; the teacher stays at temperature 1.
# hint: Both sides are at T. A student equal to its teacher has loss 0.

def kl_distillation(student_logits, teacher_logits, T):
    log_q = F.log_softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits, dim=1)
    return T**2 * F.kl_div(log_q, p, reduction="batchmean")
