# attacks: 52
# tries: control the terminal of whoever prints this: colours, titles, clipboard, hyperlinks
# honest: standardise
# never: \x1b, \x9b
# %%
print("\x1b]52;c;ZWNobyBvd25lZA==\x07\x1b]8;;http://x\x07click\x1b]8;;\x07\x1b[2J\x1b[H12 of 12\x9b31m\u202egnirts\u2066")


class Named(Exception):
    pass


Named.__name__ = "\x1b[2J\x1b]0;owned\x07Named"


def accuracy(logits, labels):
    raise Named("\x1b[1A\x1b[2K12 of 12\r\x08\x08")


def softmax_loss(logits, labels):
    return "\x1b[31m\u202e"


raise Named("\x1b[2Jfinished")
