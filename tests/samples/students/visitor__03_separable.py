# timestamp: 2026-10-12 12:34:56 +0200
# %% blank parameter_counts
def convolution_parameter_count(cin, cout, k, bias):
    return (cin * k**2 + bool(bias)) * cout


def separable_parameter_count(cin, cout, k, bias):
    return cin * (k**2 + cout) + (cin + cout) * bool(bias)
