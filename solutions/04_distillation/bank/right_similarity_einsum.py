# question: beyond_logits
# note: einsum, explicit lengths, one helper per network

def gram(x):
    x = x.reshape(x.shape[0], -1)
    g = torch.einsum("id,jd->ij", x, x)
    return g / g.norm(dim=1, keepdim=True).clamp(min=1e-12)

def similarity_preserving_loss(student_features, teacher_features):
    n = len(student_features)
    return torch.linalg.matrix_norm(gram(student_features) - gram(teacher_features)) ** 2 / n**2
