"""`autograder publish`: random names, replaced and withdrawn pages, and what must never go out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.commands.publish import command
from autograder.records import (
    Evidence,
    GradeEvent,
    Outcome,
    QuestionResult,
    Result,
    StudentTraceback,
    SubmissionInfo,
    TestOutcome,
    TestStatus,
)
from autograder.results.store import Store
from autograder.runs.publish import alarm
from tests.kept import bytes_of

WHEN = datetime(2026, 10, 1, tzinfo=UTC)
SECRET = "the hidden value is 0.73219"
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    (folder / "solutions/01_first").mkdir(parents=True)
    for name in ("solution.py", "hidden_tests.py"):
        (folder / "solutions/01_first" / name).write_text("")
    (folder / "course.yaml").write_text(
        "title: A course\nroster: roster.csv\nassignments:\n  - name: 01_first\n    title: First\n"
        "    due: 2026-10-02T12:00:00+02:00\n    questions:\n"
        "      - {id: one, title: One, points: 2, kind: tests, visibility: always}\n"
    )
    roster = "id,email,aliases,group,section,extensions\nanna,,,,,\nben,,,g1,,\ncleo,,,g1,,\n"
    (folder / "roster.csv").write_text(roster)
    return folder


def keep(
    store: Store, subject: str, students: tuple[str, ...], *, message: str = "Too small.", score: float = 1.0
) -> None:
    info = SubmissionInfo(subject=subject, members=students, notebook_sha256="0" * 64)
    evidence = Evidence(assignment="01_first", submission=info, outcome=Outcome.GRADED, graded_at=WHEN)
    kept = store.keep(evidence, NOTEBOOK, {})
    test = TestOutcome(
        question="one", name="test_a", title="It adds.", status=TestStatus.FAILED, message=message, detail=SECRET
    )
    question = QuestionResult(
        id="one", title="One", kind="tests", score=score, max_score=2, status="partial", tests=(test,)
    )
    result = Result(
        outcome=Outcome.GRADED, subject=subject, students=students, assignment="01_first", title="First",
        notebook_sha256="0" * 64, attempt=kept.attempt, graded_at=WHEN, score=score, max_score=2,
        questions=(question,), flags=("weights equal the reference model's",),
    )  # fmt: skip
    event = GradeEvent(when=WHEN, who="x", why="x", assignment="01_first", subject=subject, before=None, after=score)
    store.write_derived(result, "stored page", event)


@pytest.fixture
def results(course: Path) -> Path:
    folder = course / "results"
    with Store(folder) as store:
        keep(store, "anna", ("anna",))
        keep(store, "g1", ("ben", "cleo"))
        keep(store, "unmatched-0000", ())
    return folder


def run(results: Path, out: Path, course: Path, *more: str):
    return CliRunner().invoke(command, [str(results), str(out), "--course", str(course), *more])


def entries(results: Path) -> dict[str, dict]:
    return {one["student"]: one for one in json.loads((results / "staff/publications.json").read_text())}


def test_one_page_a_student_under_a_name_nobody_can_guess(results, course, tmp_path):
    out = tmp_path / "www"
    done = run(results, out, course)
    assert done.exit_code == 0, done.output
    known = entries(results)
    assert set(known) == {"anna", "ben", "cleo"}
    names = sorted(path.name for path in out.iterdir())
    assert names == sorted(one["file"] for one in known.values()), "no index, and nothing for who is not in the roster"
    for name, one in known.items():
        text = (out / one["file"]).read_text()
        assert len(one["file"]) > 30
        assert name not in one["file"]
        assert "Too small." in text
        assert SECRET not in text
        assert "reference model" not in text
        others = set(known) - {name} - ({"ben", "cleo"} if name != "anna" else set())
        assert not [other for other in others if other in text]
    assert (results / "staff/publications.json").stat().st_mode & 0o077 == 0
    log = [json.loads(line) for line in (results / "staff/publications.jsonl").read_text().splitlines()]
    assert [line["what"] for line in log] == ["published"] * 3
    assert all(known[line["student"]]["file"] not in json.dumps(line) for line in log), (
        "addresses are as good as passwords"
    )


def test_publishing_again_replaces_the_page_at_its_address(results, course, tmp_path):
    out = tmp_path / "www"
    run(results, out, course)
    before = entries(results)
    assert "0 new pages, 0 replaced, 3 unchanged" in run(results, out, course).output
    with Store(results) as store:
        keep(store, "anna", ("anna",), message="Nearly.", score=1.5)
    done = run(results, out, course)
    assert "0 new pages, 1 replaced, 2 unchanged" in done.output
    after = entries(results)
    assert after["anna"]["file"] == before["anna"]["file"]
    assert "Nearly." in (out / after["anna"]["file"]).read_text()


def test_withdrawing_deletes_the_page_and_revokes_the_name(results, course, tmp_path):
    out = tmp_path / "www"
    run(results, out, course)
    old = entries(results)["anna"]["file"]
    done = run(results, out, course, "--withdraw", "anna")
    assert done.output.startswith("1 page withdrawn")
    assert not (out / old).exists()
    assert "anna" not in entries(results)
    run(results, out, course)
    assert entries(results)["anna"]["file"] != old
    assert not (out / old).exists()


def test_names_are_joined_and_stored_nowhere(results, course, tmp_path):
    out, private = tmp_path / "www", tmp_path / "names.csv"
    private.write_text("id,name\nanna,Anna <b>Example</b>\nben,Ben Bär\n")
    done = run(results, out, course, "--names", str(private))
    assert done.exit_code == 0, done.output
    known = entries(results)
    assert "Anna &lt;b&gt;Example" in (out / known["anna"]["file"]).read_text()
    assert "Ben Bär" in (out / known["cleo"]["file"]).read_text(), "a group's page names its members"
    for path in results.rglob("*"):
        assert not path.is_file() or "Ben Bär" not in bytes_of(path).decode(errors="replace"), path
    private.write_text("student,full\nanna,A\n")
    refused = run(results, out, course, "--names", str(private))
    assert refused.exit_code == 1
    assert "expected a CSV with the columns id and name" in refused.output


def test_the_alarm_holds_back_what_is_for_teachers(results, course, tmp_path):
    with Store(results) as store:
        keep(store, "anna", ("anna",), message=f"leaked: {SECRET}")
    out = tmp_path / "www"
    done = run(results, out, course)
    assert done.exit_code == 1
    assert "01_first/anna: held back: the detail of test_a" in done.output
    assert set(entries(results)) == {"ben", "cleo"}
    assert not [path for path in out.iterdir() if SECRET in path.read_text()]


def test_what_the_students_own_code_raised_is_no_alarm(results, course, tmp_path):
    """An empty blank raises NotImplementedError, and every page of a class has that word."""
    with Store(results) as store:
        place = next(place for place in store.places() if place.subject == "anna")
        result = store.result(place)
        for raised, detail in (
            (StudentTraceback(exception="NotImplementedError"), "NotImplementedError"),
            (StudentTraceback(exception="NameError", message="no `net` here"), "NameError: no `net` here"),
        ):
            test = (
                result.questions[0]
                .tests[0]
                .model_copy(
                    update={
                        "status": TestStatus.ERROR,
                        "traceback": raised,
                        "detail": detail,
                        "message": f"It says {detail}.",
                    }
                )
            )
            questions = (result.questions[0].model_copy(update={"tests": (test,)}),)
            assert alarm(detail, result.model_copy(update={"questions": questions})) == ""
    assert "detail of test_a" in alarm(f"as {SECRET}", result)


def test_never_into_the_staffs_folder_and_never_without_the_register(results, course, tmp_path):
    assert "lies in the staff's folder" in run(results, results / "staff/www", course).output
    out = tmp_path / "www"
    run(results, out, course)
    (results / "staff/publications.json").write_text('[{"student": "anna", "file": "../../etc/passwd"}]')
    done = run(results, out, course)
    assert done.exit_code == 1
    assert "publications.json" in done.output
    assert "Traceback" not in done.output


def test_the_page_over_the_term_says_what_was_published_and_leads_there(results, course, tmp_path):
    text = (course / "course.yaml").read_text()
    second = text[text.index("  - name: 01_first") :].replace("01_first", "02_second").replace("First", "Second")
    (course / "course.yaml").write_text(text + second)
    (course / "solutions/02_second").mkdir()
    for name in ("solution.py", "hidden_tests.py"):
        (course / "solutions/02_second" / name).write_text("")
    out = tmp_path / "www"
    done = run(results, out, course, "--term", "-a", "02_second")
    assert "0 new pages" in done.output, "nothing was given back, so there is nothing to say"
    done = run(results, out, course, "--term")
    assert "6 new pages" in done.output
    every = json.loads((results / "staff/publications.json").read_text())
    file = {(one["student"], one["assignment"]): one["file"] for one in every}
    for student, other in (("ben", "cleo"), ("anna", "ben")):
        page = (out / file[student, "_term"]).read_text()
        assert f'href="{file[student, "01_first"]}"' in page
        assert file[other, "01_first"] not in page
        assert "feedback.html" not in page
        assert other not in page
        assert SECRET not in page
        assert "reference model" not in page
    run(results, out, course, "--withdraw", "anna", "-a", "01_first")
    assert not (out / file["anna", "_term"]).exists(), "it speaks of what was withdrawn"
    assert (out / file["ben", "_term"]).exists()


def test_the_page_over_the_term_is_silent_of_what_was_not_given_back(results, course, tmp_path):
    out = tmp_path / "www"
    with Store(results) as store:
        keep(store, "anna", ("anna",), message=f"leaked: {SECRET}")
    done = run(results, out, course, "--term")
    assert "01_first/anna: held back" in done.output
    assert {one["student"] for one in json.loads((results / "staff/publications.json").read_text())} == {"ben", "cleo"}
