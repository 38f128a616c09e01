# question: kl_distillation
# note: F.kl_div with probabilities as target, reduction by hand

def kl_distillation(student_logits, teacher_logits, T):
    q = F.log_softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return F.kl_div(q, p, reduction="none").sum(1).mean() * (T * T)
