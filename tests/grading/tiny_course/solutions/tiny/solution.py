# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "intro", "locked": true, "schema_version": 3, "solution": false}
# # Tiny

# %% nbgrader={"grade": false, "grade_id": "add", "locked": false, "schema_version": 3, "solution": true}
def add(a, b):
    """The sum of two numbers."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_add", "locked": true, "schema_version": 3, "solution": false}
assert add(1, 2) == 3


# %% nbgrader={"grade": false, "grade_id": "total", "locked": false, "schema_version": 3, "solution": true}
def total(values):
    """The sum of a list of numbers; 0 where it is empty."""
    ### BEGIN SOLUTION
    result = 0
    for value in values:
        result = add(result, value)
    return result
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_total", "locked": true, "schema_version": 3, "solution": false}
assert total([1, 2, 3]) == 6

# %% nbgrader={"grade": false, "grade_id": "quiz", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # one of "a", "b"
### BEGIN SOLUTION
quiz_1 = "b"
### END SOLUTION

# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_quiz", "locked": true, "schema_version": 3, "solution": false}
assert quiz_1 in ("a", "b")

# %% tags=["train"]
raise RuntimeError("cells tagged train are not run when graded")

# %% [markdown] nbgrader={"grade": true, "grade_id": "essay", "locked": false, "schema_version": 3, "solution": true}
# Why is a sum of no numbers 0?
#
# ### BEGIN MARK SCHEME
# Because adding it to any other sum must leave that sum as it is.
# ### END MARK SCHEME
