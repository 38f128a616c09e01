# question: beyond_logits
# note: F.mse_loss, teacher detached

def similarity_preserving_loss(student_features, teacher_features):
    s, t = student_features.flatten(start_dim=1), teacher_features.flatten(start_dim=1).detach()
    return F.mse_loss(F.normalize(s.mm(s.t())), F.normalize(t.mm(t.t())))
