# question: quiz
# misconception: tsne_taken_for_a_map
# sentence: The shortcut's convolution is taken for a cure of vanishing gradients, and distances in a t-SNE picture for distances of features.
# hint: What would the sum do without that convolution? What does t-SNE try to keep?

quiz_1 = "a"
quiz_2 = "d"
quiz_3 = "d"
quiz_4 = "d"
quiz_5 = "b"
