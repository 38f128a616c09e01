"""An assignment of this project becomes one of nbgrader's or otter's: the way back of `exchange/legacy`.

`nbgrader_course` writes the folders of an nbgrader course, `otter_assignment` what `otter` gives to students and to its
autograder. Hidden tests of this project are pytest functions that call student code from outside; neither of the two
can run them, so they stay here, and the notes say what the other grader's score is worth without them.
"""
