# question: parameter_counts
# misconception: one_bias_per_block
# sentence: The biases of the depthwise half are missing.
# hint: Both halves are layers with output channels of their own. How many has each?

def convolution_parameter_count(cin, cout, k, bias):
    return k * k * cin * cout + (cout if bias else 0)

def separable_parameter_count(cin, cout, k, bias):
    return k * k * cin + cin * cout + (cout if bias else 0)
