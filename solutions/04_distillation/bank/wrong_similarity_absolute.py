# question: beyond_logits
# misconception: absolute_instead_of_squared
# sentence: Differences are taken absolute instead of squared.
# hint: Look at the exponent in the formula.

def similarity_preserving_loss(student_features, teacher_features):
    def g(x):
        return F.normalize(x.flatten(1) @ x.flatten(1).T)
    return (g(student_features) - g(teacher_features)).abs().mean()
