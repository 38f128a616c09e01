# question: add
# misconception: minus
# sentence: The numbers are subtracted.
# hint: Look at the sign.
def add(a, b):
    return a - b
