# question: parameter_counts
# note: bias used as a number, default arguments added

def convolution_parameter_count(cin, cout, k=3, bias=True):
    return cout * (cin * k**2 + bias)

def separable_parameter_count(cin, cout, k=3, bias=True):
    return cin * (k**2 + bias) + cout * (cin + bias)
