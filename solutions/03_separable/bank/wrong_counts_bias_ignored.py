# question: parameter_counts
# misconception: bias_ignored
# sentence: Biases are not counted, or are counted even where there are none.
# hint: Compare the results for bias=True and bias=False.

def convolution_parameter_count(cin, cout, k, bias):
    return k * k * cin * cout

def separable_parameter_count(cin, cout, k, bias):
    return k * k * cin + cin * cout
