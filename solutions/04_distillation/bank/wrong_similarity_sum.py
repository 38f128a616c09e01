# question: beyond_logits
# misconception: sum_instead_of_mean
# sentence: The squares are summed, not divided by N².
# hint: The worked example has N = 2.

def similarity_preserving_loss(student_features, teacher_features):
    def g(x):
        return F.normalize(x.flatten(1) @ x.flatten(1).T)
    return (g(student_features) - g(teacher_features)).pow(2).sum() / len(student_features)
