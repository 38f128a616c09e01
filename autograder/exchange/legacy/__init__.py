"""Assignments made for nbgrader and otter-grader become assignments of this project.

A reader (`nbgrader_source`, `otter_master`, with `otter_tests`) makes a `ForeignAssignment` of the foreign files
(`model`); `trial` runs every item on the solution, the untouched starter and a cheater, at both levels; `write` makes
the files of an assignment out of it and the levels; `report` says what came over and what did not. `bring` is the
whole of it.
"""
