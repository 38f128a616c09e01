# question: kl_distillation
# note: cross-entropy with soft targets minus the teacher's entropy

def entropy(p):
    return torch.special.entr(p).sum(dim=1)

def kl_distillation(student_logits, teacher_logits, T):
    p = torch.softmax(teacher_logits / T, dim=1)
    cross = F.cross_entropy(student_logits / T, p, reduction="none")
    return T**2 * (cross - entropy(p)).mean()
