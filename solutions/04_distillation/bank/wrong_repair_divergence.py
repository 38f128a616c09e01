# question: repair_temperature
# misconception: divergence_instead_of_cross_entropy
# sentence: This is the divergence of part 3; the soft cross-entropy keeps the teacher's entropy.
# hint: The two differ by a number that the student cannot change. Which?

def soft_cross_entropy(student_logits, teacher_logits, T):
    return kl_distillation(student_logits, teacher_logits, T)
