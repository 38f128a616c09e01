# question: words
# misconception: signs_stay
# sentence: Signs stay at the words: `fox;` is another word than `fox`.
# hint: What is a word here?
def words(text):
    return text.lower().split()
