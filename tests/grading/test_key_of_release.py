"""A quiz is graded by the key of the words that its notebook asks in: an earlier release keeps its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course.course import Assignment, load_course
from autograder.course.releases import load_releases
from autograder.feedback import render_feedback
from autograder.feedback.from_course import feedback_options
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.notebooks.read import read_notebook
from autograder.records import Evidence, Result, SubmissionInfo
from autograder.release.files import stale_files, write_release
from autograder.release.starter import build_release
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import SlotConfig
from autograder.scoring.score import score

COURSE = """\
title: Of words
assignments:
  - name: asked
    title: Asked
    questions:
      - {id: quiz, title: Quiz, points: 2, kind: quiz, answers: always}
"""
TESTS = '''\
import pytest

from autograder.testing import close, question


@question("quiz")
@pytest.mark.parametrize("number", [1, 2])
def test_quiz(student, reference, number):
    """The answer is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))


@question("quiz", weight=0)
def test_note(student):
    """Something of one's own, which everybody has otherwise. It costs nothing."""
    close(student.value("note"), "mine")
'''
CHECK = '# %% tags=["check"] nbgrader={"grade_id": "check_quiz", "grade": true}\nprint(quiz_1, quiz_2)\n'
WRONG = (
    "# question: quiz\n# misconception: moon\n# sentence: The moon only reflects.\n# hint: By night?\nquiz_1 = 'b'\n"
)


def item(number: int, asked: str, *choices: str, right: str) -> str:
    listed = "\n".join(f"# - **{letter}** {text}" for letter, text in zip("abcd", choices, strict=False))
    return (
        f"# %% [markdown]\n# **Question {number}.** {asked}\n#\n{listed}\n\n"
        f'# %% nbgrader={{"grade_id": "quiz_{number}", "solution": true}}\nquiz_{number} = None\n'
        f'### BEGIN SOLUTION\nquiz_{number} = "{right}"\n### END SOLUTION\n\n'
    )


LIGHT = item(1, "What shines?", "the sun", "the moon", right="a")
LIGHT_TURNED = item(1, "What shines?", "the moon", "the sun", right="b")
ROUND = item(2, "What is round?", "a dice", "a ball", right="b")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Assignment]:
    """make(items…): the assignment with these items, released."""
    (tmp_path / "course.yaml").write_text(COURSE)
    folder = tmp_path / "solutions/asked"
    (folder / "bank").mkdir(parents=True)
    (folder / "hidden_tests.py").write_text(TESTS)

    def made(*items: str) -> Assignment:
        (folder / "solution.py").write_text("".join(items) + CHECK)
        assignment = load_course(tmp_path).assignment("asked")
        write_release(build_release(assignment))
        return assignment

    return made


def filled(assignment: Assignment, **answers: str) -> bytes:
    """The newest starter with these answers."""
    notebook = json.loads((assignment.starter_dir / "asked.ipynb").read_text())
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in answers:
            cell["source"] = f'{name} = "{answers[name]}"'
    own = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
    notebook["cells"].append({**own, "source": "note = 'theirs'"})
    return json.dumps(notebook).encode()


def graded(assignment: Assignment, *notebooks: bytes) -> list[tuple[Evidence, Result]]:
    found = []
    config = SlotConfig(assignment.preload, assignment.public_paths, assignment.limits)
    course = load_course(assignment.root)
    with (
        open_slot("auto", config) as slot,
        MachineLock(None) as quiet,
        Grader(assignment, slot, b"k" * 32, quiet) as grader,
    ):
        for notebook in notebooks:
            sha = hashlib.sha256(notebook).hexdigest()
            evidence = grader.grade(SubmissionInfo(subject="s1", notebook_sha256=sha), notebook).evidence
            found.append((evidence, score(evidence, assignment, course.late_policy)))
    return found


def test_a_notebook_of_an_earlier_release_keeps_the_points_of_its_quiz(make: Callable[..., Assignment]) -> None:
    before = filled(make(LIGHT, ROUND), quiz_1="a", quiz_2="b")
    nameless = json.loads(before)
    del nameless["metadata"]["autograder"]
    assignment = make(LIGHT_TURNED, ROUND)
    old, unnamed, new, stale = graded(
        assignment,
        before,
        json.dumps(nameless).encode(),
        filled(assignment, quiz_1="b", quiz_2="b"),
        filled(assignment, quiz_1="a", quiz_2="b"),
    )
    assert old[1].score == unnamed[1].score == new[1].score == 2
    assert stale[1].score == 1, "the newest release asks in the new order"
    assert old[0].compared_with == unnamed[0].compared_with != new[0].compared_with
    assert not old[0].flags


def test_its_page_shows_its_own_words_and_its_own_right_answer(make: Callable[..., Assignment]) -> None:
    before = filled(make(LIGHT, ROUND), quiz_1="b", quiz_2="b")
    assignment = make(LIGHT_TURNED, ROUND)
    (assignment.solution_dir / "bank" / "wrong_moon.py").write_text(WRONG.replace("'b'", "'a'"))
    course = load_course(assignment.root)
    releases = load_releases(assignment.releases_path)
    options = feedback_options(course, assignment, now=datetime.now(UTC), releases=releases)
    ((evidence, result), (_, newer)) = graded(assignment, before, filled(assignment, quiz_1="a", quiz_2="b"))
    page = " ".join(render_feedback(result, read_notebook(before), options=options).split())
    assert result.score == 1
    assert page.index("the moon") < page.index("the sun"), "what was answered, then what is right"
    assert not evidence.misconceptions, "the bank speaks of the newest words"
    assert newer.questions[0].misconception is not None, "whatever a test of weight 0 saw"


def test_a_key_that_was_wrong_is_put_right_for_all_who_were_asked_so(make: Callable[..., Assignment]) -> None:
    make(LIGHT.replace('"a"\n###', '"b"\n###'), ROUND)
    before = filled(
        make(LIGHT.replace('"a"\n###', '"b"\n###'), ROUND, ROUND.replace("_2", "_3")), quiz_1="a", quiz_2="b"
    )
    assignment = make(LIGHT, ROUND)
    assert [entry.key["quiz_1"] for entry in load_releases(assignment.releases_path).entries] == ["'a'", "'a'"]
    ((_, result),) = graded(assignment, before)
    assert result.score == 2


def test_words_whose_key_nobody_kept_are_said_to_the_staff(make: Callable[..., Assignment]) -> None:
    before = filled(make(LIGHT, ROUND), quiz_1="b", quiz_2="b")
    path = make(LIGHT, ROUND).releases_path
    document = json.loads(path.read_text())
    for entry in document["releases"].values():
        del entry["key"]
    path.write_text(json.dumps(document, indent=1))
    assignment = make(LIGHT_TURNED, ROUND)
    ((evidence, result),) = graded(assignment, before)
    assert [flag for flag in evidence.flags if "quiz_1" in flag and "quiz_2" not in flag]
    assert result.score == 2, "as before: by the newest key"


def test_a_key_that_changed_alone_makes_the_release_stale(make: Callable[..., Assignment]) -> None:
    assignment = make(LIGHT, ROUND)
    text = assignment.solution_path.read_text()
    assignment.solution_path.write_text(text.replace('quiz_2 = "b"', 'quiz_2 = "a"'))
    assert [stale.path for stale in stale_files(build_release(assignment))] == [assignment.releases_path]
