# question: kl_distillation
# misconception: sum_over_the_batch
# sentence: The loss is summed over the batch instead of averaged.
# hint: The same batch twice should have the same loss.

def kl_distillation(student_logits, teacher_logits, T):
    log_q = F.log_softmax(student_logits / T, dim=1)
    p = F.softmax(teacher_logits / T, dim=1)
    return T**2 * (p * (p.log() - log_q)).nan_to_num().sum()
