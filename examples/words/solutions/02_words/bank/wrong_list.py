# question: vocabulary
# misconception: list_not_set
# sentence: This is a list, in which a word may stand more than once.
# hint: `set(...)`
def vocabulary(names):
    return [name for name in names if names.count(name) > 1]
