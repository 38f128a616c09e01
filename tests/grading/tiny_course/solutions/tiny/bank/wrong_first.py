# question: total
# misconception: forgets_first
# sentence: The first number is left out.
# hint: Where does the loop start?
def total(values):
    return sum(values[1:])
