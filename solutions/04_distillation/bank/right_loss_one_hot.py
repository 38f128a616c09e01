# question: distillation_loss
# note: labels as one-hot rows, einsum

def distillation_loss(student_logits, teacher_logits, labels, T=4.0, alpha=0.9):
    onehot = F.one_hot(labels, student_logits.shape[1]).to(student_logits.dtype)
    ce = -torch.einsum("nc,nc->n", onehot, student_logits.log_softmax(1)).mean()
    return (1 - alpha) * ce + alpha * kl_distillation(student_logits, teacher_logits, T)
