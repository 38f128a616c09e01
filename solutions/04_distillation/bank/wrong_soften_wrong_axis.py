# question: soften
# misconception: softmax_over_the_batch
# sentence: The softmax runs over the batch: columns sum to one instead of rows.
# hint: Which dimension of (N, C) holds the classes?

def soften(logits, T):
    return F.softmax(logits / T, dim=0)
