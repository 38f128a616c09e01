# question: add
# note: a lambda is a function too
add = lambda a, b: b + a
