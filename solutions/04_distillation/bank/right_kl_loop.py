# question: kl_distillation
# note: a loop over the batch, log-sum-exp, float64 inside

def kl_distillation(student_logits, teacher_logits, T):
    total = 0.0
    for s, t in zip(student_logits.double() / T, teacher_logits.double() / T):
        log_q, log_p = s - s.logsumexp(0), t - t.logsumexp(0)
        total = total + torch.dot(log_p.exp(), log_p - log_q)
    return (T**2 * total / student_logits.size(0)).to(student_logits.dtype)
