# question: fahrenheit
# note: the same sum in another order
def fahrenheit(celsius):
    return 32 + 1.8 * celsius
