# question: best_epoch
# misconception: last_of_equals
# sentence: Of several equally good epochs the last is chosen.
# hint: `<=` or `<`?

def best_epoch(history):
    best = 0
    for i in range(len(history)):
        if history[i]["validation_accuracy"] >= history[best]["validation_accuracy"]:
            best = i
    return best
