"""GitHub: what grades a student's repository in a job of Actions, and what such a job says of it.

`repositories` makes the files of two repositories, the students' template and the staff's; `summary` says in the form
of a job's summary what a student's page says.
"""
