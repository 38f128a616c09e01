# question: best_epoch
# misconception: least_loss_instead_of_least_error
# sentence: The epoch with the least validation loss is chosen, not the one with the least error.
# hint: Error is 1 − accuracy. The two need not agree.

def best_epoch(history):
    losses = [row["validation_loss"] for row in history]
    return losses.index(min(losses))
