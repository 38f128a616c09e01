# question: repair_temperature
# misconception: log_of_softmax_left
# sentence: Large logits still give infinity: the log of a probability that rounded to zero.
# hint: F.log_softmax.

def soft_cross_entropy(student_logits, teacher_logits, T):
    p = F.softmax(teacher_logits / T, dim=1)
    q = F.softmax(student_logits / T, dim=1)
    return -(T**2) * (p * q.log()).sum(dim=1).mean()
