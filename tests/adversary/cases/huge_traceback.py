# attacks: 46, 48
# tries: exceptions with endless causes, notes and frames
# honest: standardise
# %%
def softmax_loss(logits, labels):
    error = ValueError("x" * 10**6)
    for number in range(3000):
        following = ValueError(f"{number}" * 1000)
        following.__cause__ = error
        following.add_note("n" * 10**4)
        error = following
    raise error


def accuracy(logits, labels):
    def deeper(n):
        return deeper(n + 1)

    return deeper(0)


raise type("E" * 10**5, (Exception,), {"__str__": lambda self: "s" * 10**7})()
