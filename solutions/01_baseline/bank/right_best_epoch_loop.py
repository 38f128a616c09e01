# question: best_epoch
# note: a loop with a running best

def best_epoch(history):
    best, least = 0, float("inf")
    for number, row in enumerate(history):
        error = 1.0 - row["validation_accuracy"]
        if error < least:
            best, least = number, error
    return best
