# question: kl_distillation
# misconception: log_of_zero
# sentence: The logarithm of a probability that has rounded to zero gives infinity or NaN.
# hint: F.log_softmax never forms the probability.

def kl_distillation(student_logits, teacher_logits, T):
    q = F.softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return T**2 * (p * (p.log() - q.log())).sum(dim=1).mean()
