"""Hidden tests of 01_weather. They run in a process of their own; student code is only called, and answers with data.

`rng` draws other inputs for every notebook. A test's docstring is what a student reads when it fails.
"""

from __future__ import annotations

from autograder.testing import close, public_twin, question

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@question("fahrenheit", twin=public_twin("fahrenheit", 10.0))
def test_fahrenheit(student, rng):
    """A difference of 5 °C is one of 9 °F, and 0 °C is 32 °F."""
    for celsius in (0.0, rng.number(-40, 0), rng.number(0, 100)):
        close(student.fahrenheit(celsius), celsius * 9 / 5 + 32)


@question("warmest_day", twin=public_twin("warmest_day", {"Monday": 4.0, "Friday": 7.5, "Sunday": 1.0}))
def test_warmest_day(student, rng):
    """It is the name of the day, not its temperature; days come in no order."""
    for _ in range(3):
        days = [DAYS[place] for place in rng.order(len(DAYS))]
        readings = {day: rng.number(-10, 25) for day in days}
        close(student.warmest_day(readings), max(readings, key=readings.get))


@question("warmest_day", twin=public_twin("warmest_day", {"Monday": 7.5, "Friday": 7.5, "Sunday": 1.0}))
def test_first_of_equals(student, rng):
    """Where several days are equally warm, it is the first of them."""
    days = [DAYS[place] for place in rng.order(len(DAYS))]
    readings = dict.fromkeys(days, 10.0) | {days[2]: 21.0, days[5]: 21.0}
    close(student.warmest_day(readings), days[2])


@question("quiz")
def test_quiz(student, reference):
    """The answer to this question of the quiz is right."""
    close(student.value("quiz_1"), reference.quiz_1)
