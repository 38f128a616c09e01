# %% [markdown] nbgrader={"grade_id": "intro", "locked": true}
# # A first assignment
#
# Fill the blanks, run the check below each, and hand in this notebook.

# %% [markdown]
# ## Degrees Fahrenheit
#
# Water freezes at 0 °C, which is 32 °F, and boils at 100 °C, which is 212 °F. In between the scale is even.

# %% nbgrader={"grade_id": "fahrenheit", "solution": true}
def fahrenheit(celsius):
    """Return a temperature in degrees Fahrenheit. celsius: the same in degrees Celsius, a number."""
    ### BEGIN SOLUTION
    return celsius * 9 / 5 + 32
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_fahrenheit", "grade": true}
assert abs(fahrenheit(0) - 32) < 1e-9
assert abs(fahrenheit(100) - 212) < 1e-9

# %% [markdown]
# ## The warmest day


# %% nbgrader={"grade_id": "warmest_day", "solution": true}
def warmest_day(readings):
    """Return the name of the warmest day, the first of them where several are. readings: name of a day -> °C."""
    ### BEGIN SOLUTION
    return max(readings, key=readings.get)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade_id": "check_warmest_day", "grade": true}
assert warmest_day({"Monday": 11.5, "Tuesday": 14.0, "Wednesday": 9.0}) == "Tuesday"

# %% [markdown]
# ## Quiz
#
# 40 degrees below zero: on which scale is that colder?
#
# a) Celsius  b) Fahrenheit  c) it is the same

# %% nbgrader={"grade_id": "quiz_1", "solution": true}
quiz_1 = None  # one of "a", "b", "c"
### BEGIN SOLUTION
quiz_1 = "c"
### END SOLUTION

# %% tags=["check"] nbgrader={"grade_id": "check_quiz", "grade": true}
assert quiz_1 in ("a", "b", "c")

# %% [markdown] nbgrader={"grade_id": "explain", "grade": true, "solution": true}
# ## Explain
#
# Why is it better to return a number from `fahrenheit` than to print it? Two sentences.
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - use (1): what is returned can be used by other code
# - check (1): what is returned can be tested; or another good reason
# ### END MARK SCHEME
