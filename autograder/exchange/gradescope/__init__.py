"""Gradescope: the autograder zip that runs this engine there, and what goes in and out of it.

`bundle` makes the zip, `metadata` reads what Gradescope says of a submission, `results` says in Gradescope's form what
came out. The program that runs there is `autograder.runs.gradescope`.
"""
