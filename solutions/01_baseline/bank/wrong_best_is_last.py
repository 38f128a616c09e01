# question: best_epoch
# misconception: last_epoch
# sentence: The last epoch is taken, whatever the validation says.
# hint: More training is not always better.

def best_epoch(history):
    return len(history) - 1
