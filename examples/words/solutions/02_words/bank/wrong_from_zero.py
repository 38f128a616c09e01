# question: longest
# misconception: from_zero
# sentence: Lines are counted from 0 here; people count them from 1.
# hint: `enumerate` has an argument `start`.
def longest(path):
    with open(path) as file:
        lines = [Line(number, line.split()) for number, line in enumerate(file)]
    return max(lines, key=lambda line: len(line.words))
