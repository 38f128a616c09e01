# %% [markdown] nbgrader={"grade_id": "intro", "locked": true}
# # Counting words
#
# A text lies beside this notebook, in `fox.txt`.

# %% tags=["setup"]
import re
from dataclasses import dataclass


# %% nbgrader={"grade_id": "words", "solution": true}
def words(text):
    """Return the words of a text in order, in lower case: runs of the letters a to z."""
    ### BEGIN SOLUTION
    return re.findall("[a-z]+", text.lower())
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_words", "grade": true}
assert words("The fox; the dog.") == ["the", "fox", "the", "dog"]


# %% nbgrader={"grade_id": "tally", "solution": true}
def tally(names):
    """Return a dict: each of some words -> how often it occurs among them."""
    ### BEGIN SOLUTION
    found = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_tally", "grade": true}
assert tally(["a", "b", "a"]) == {"a": 2, "b": 1}


# %% nbgrader={"grade_id": "vocabulary", "solution": true}
def vocabulary(names):
    """Return the set of all words that occur more than once."""
    ### BEGIN SOLUTION
    return {name for name in names if names.count(name) > 1}
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_vocabulary", "grade": true}
assert vocabulary(["a", "b", "a"]) == {"a"}


# %% tags=["given"]
@dataclass
class Line:
    """A line of a file: its number, from 1, and its words."""

    number: int
    words: list


# %% nbgrader={"grade_id": "longest", "solution": true}
def longest(path):
    """Return the Line of a text file with the most words, the first of them where several have as many."""
    ### BEGIN SOLUTION
    with open(path) as file:
        lines = [Line(number, line.split()) for number, line in enumerate(file, start=1)]
    return max(lines, key=lambda line: len(line.words))
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_longest", "grade": true}
assert longest("fox.txt").number == 1

# %% [markdown] nbgrader={"grade_id": "explain_set", "grade": true, "solution": true}
# Why is a set better here than a list? One sentence.
#
# ### BEGIN MARK SCHEME
# - once (2): in a set each word is once, and asking whether it is there takes no search
# ### END MARK SCHEME
