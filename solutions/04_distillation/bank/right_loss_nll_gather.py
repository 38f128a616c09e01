# question: distillation_loss
# note: cross-entropy by picking log-probabilities, divergence written out again

def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    log_q = F.log_softmax(student_logits / T, -1)
    log_p = F.log_softmax(teacher_logits / T, -1)
    soft = (log_p.exp() * (log_p - log_q)).sum() / len(labels)
    hard = -F.log_softmax(student_logits, -1).gather(1, labels[:, None]).squeeze(1).mean()
    return torch.lerp(hard, T**2 * soft, alpha)
