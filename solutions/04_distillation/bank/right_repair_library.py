# question: repair_temperature
# note: F.cross_entropy takes soft targets

def soft_cross_entropy(student_logits, teacher_logits, T):
    return F.cross_entropy(student_logits / T, torch.softmax(teacher_logits / T, 1)) * T * T
