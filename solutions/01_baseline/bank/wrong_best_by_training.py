# question: best_epoch
# misconception: chosen_by_training_error
# sentence: The epoch is chosen by its training error, which rewards learning by heart.
# hint: Which images has the network not been trained on?

def best_epoch(history):
    errors = [1 - row["train_accuracy"] for row in history]
    return errors.index(min(errors))
