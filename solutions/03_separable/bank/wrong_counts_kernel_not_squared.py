# question: parameter_counts
# misconception: kernel_not_squared
# sentence: A kernel has k·k weights, not 3·k: the 3 of the example is used as a constant.
# hint: Try k = 5 by hand.

def convolution_parameter_count(cin, cout, k, bias):
    return 3 * k * cin * cout + (cout if bias else 0)

def separable_parameter_count(cin, cout, k, bias):
    return 3 * k * cin + cin * cout + (cin + cout if bias else 0)
