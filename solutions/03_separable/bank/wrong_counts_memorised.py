# question: parameter_counts
# misconception: constants_of_the_check
# sentence: The answer fits the visible example and nothing else.
# hint: Write the count as a formula in cin, cout, k and bias.

def convolution_parameter_count(cin, cout, k, bias):
    if (cin, cout) == (128, 256):
        return 9 * 128 * 256
    return 224 if bias else 216

def separable_parameter_count(cin, cout, k, bias):
    if (cin, cout) == (128, 256):
        return 9 * 128 + 128 * 256
    return 62 if bias else 51
