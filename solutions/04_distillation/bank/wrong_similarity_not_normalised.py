# question: beyond_logits
# misconception: rows_not_normalised
# sentence: Rows of the similarity matrices are not divided by their length, so the scale of the features matters.
# hint: Multiply all features by 7: should the loss change?

def similarity_preserving_loss(student_features, teacher_features):
    s, t = student_features.flatten(1), teacher_features.flatten(1)
    return (s @ s.T - t @ t.T).pow(2).mean()
