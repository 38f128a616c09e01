# question: beyond_logits
# misconception: features_normalised_instead_of_rows
# sentence: Features are normalised before the product (cosines) instead of the rows of the product.
# hint: First G, then its rows.

def similarity_preserving_loss(student_features, teacher_features):
    s, t = F.normalize(student_features.flatten(1)), F.normalize(teacher_features.flatten(1))
    return (s @ s.T - t @ t.T).pow(2).mean()
