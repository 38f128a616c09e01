# question: kl_distillation
# misconception: no_gradient_to_the_student
# sentence: No gradient reaches the student, so it cannot learn.
# hint: Look for detach, item, no_grad, or a new tensor made from numbers.

def kl_distillation(student_logits, teacher_logits, T):
    with torch.no_grad():
        log_q = F.log_softmax(student_logits / T, dim=1)
        p = F.softmax(teacher_logits / T, dim=1)
        return T**2 * F.kl_div(log_q, p, reduction="batchmean")
