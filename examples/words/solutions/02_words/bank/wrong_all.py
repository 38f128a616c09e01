# question: vocabulary
# misconception: words_once
# sentence: Words that occur only once are in it, too.
# hint: How often must a word occur?
def vocabulary(names):
    return set(names)
