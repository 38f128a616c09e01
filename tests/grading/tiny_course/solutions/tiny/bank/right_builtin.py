# question: total
# note: the built-in sum
def total(values):
    return sum(values)
