# question: repair_temperature
# misconception: teacher_softmax_over_the_batch
# sentence: The teacher's softmax still runs over the batch.
# hint: One image alone shows it: with N = 1 all its probabilities are 1.

def soft_cross_entropy(student_logits, teacher_logits, T):
    p = F.softmax(teacher_logits / T, dim=0)
    return -(T**2) * (p * F.log_softmax(student_logits / T, dim=1)).sum(dim=1).mean()
