# question: repair_temperature
# misconception: student_not_softened
# sentence: The student's logits are still not divided by T.
# hint: Both networks are at temperature T.

def soft_cross_entropy(student_logits, teacher_logits, T):
    p = F.softmax(teacher_logits / T, dim=1)
    return -(T**2) * (p * F.log_softmax(student_logits, dim=1)).sum(dim=1).mean()
