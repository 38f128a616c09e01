# question: beyond_logits
# misconception: features_averaged_over_positions
# sentence: Maps are averaged over positions instead of flattened.
# hint: `flatten(1)` keeps every position.

def similarity_preserving_loss(student_features, teacher_features):
    def g(x):
        x = x.flatten(2).mean(-1) if x.dim() > 2 else x
        return F.normalize(x @ x.T)
    return (g(student_features) - g(teacher_features)).pow(2).mean()
