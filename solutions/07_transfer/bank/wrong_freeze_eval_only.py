# question: freeze
# misconception: eval_mode_is_enough
# sentence: Eval mode alone freezes no weight.
# hint: What does `eval()` change, and what does it not?

def freeze(model):
    return model.eval()
