# question: beyond_logits
# misconception: view_of_permuted_maps
# sentence: `view` works only where the numbers lie in memory in order, so permuted maps raise an error.
# hint: `flatten(1)` or `reshape` copies where it has to.

def similarity_preserving_loss(student_features, teacher_features):
    def similarity(features):
        rows = features.view(len(features), -1)
        return F.normalize(rows @ rows.T, dim=1)

    return (similarity(student_features) - similarity(teacher_features)).pow(2).mean()
