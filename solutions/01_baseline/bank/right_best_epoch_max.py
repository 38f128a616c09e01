# question: best_epoch
# note: largest accuracy by max over indices

def best_epoch(history):
    return max(range(len(history)), key=lambda i: history[i]["validation_accuracy"])
