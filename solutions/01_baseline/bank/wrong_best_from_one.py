# question: best_epoch
# misconception: epochs_counted_from_one
# sentence: Epochs are counted from 1.
# hint: The index is used as `history[best_epoch(history)]`.

def best_epoch(history):
    errors = [1 - row["validation_accuracy"] for row in history]
    return errors.index(min(errors)) + 1
