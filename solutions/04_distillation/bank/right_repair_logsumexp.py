# question: repair_temperature
# note: log-sum-exp by hand, labels of the teacher from soften

def soft_cross_entropy(student_logits, teacher_logits, T):
    z = student_logits / T
    per_image = z.logsumexp(dim=1) - (torch.softmax(teacher_logits / T, dim=1) * z).sum(dim=1)
    return T**2 * per_image.mean()
