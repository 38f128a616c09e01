# question: repair_temperature
# misconception: factor_t_left
# sentence: The factor is still T.
# hint: Compare the gradient's size at T = 1 and T = 10.

def soft_cross_entropy(student_logits, teacher_logits, T):
    p = F.softmax(teacher_logits / T, dim=1)
    return -T * (p * F.log_softmax(student_logits / T, dim=1)).sum(dim=1).mean()
