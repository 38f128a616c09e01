"""What is held about a student, told to them and erased."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_publish import course, keep, results, run  # noqa: F401 - fixtures

from autograder.commands.data import command as data
from autograder.commands.forget import command as forget
from autograder.results.store import Store


def call(command, results: Path, student: str, course: Path, *more: str):  # noqa: F811
    return CliRunner().invoke(command, [str(results), student, "--course", str(course), *more])


def mentions(folder: Path, student: str) -> list[str]:
    """Files whose name or text has this id as a word."""
    found = []
    for path in folder.rglob("*"):
        text = path.read_text(errors="replace") if path.is_file() else ""
        if student in path.relative_to(folder).as_posix() or student in text:
            found.append(path.relative_to(folder).as_posix())
    return found


def test_a_student_is_told_what_is_held_and_nobody_else_is_named(results, course, tmp_path):  # noqa: F811
    run(results, tmp_path / "www", course)
    told = json.loads(call(data, results, "ben", course).stdout)
    assert told["roster"]["id"] == "ben"
    (one,) = told["submissions"]
    assert (one["assignment"], one["attempts"], one["score"]) == ("01_first", 1, 1.0)
    assert one["handed_in_with_others"]
    assert len(told["published"]) == 1
    for other in ("anna", "cleo", "g1"):
        assert other not in json.dumps(told)
    out = tmp_path / "for ben"
    done = call(data, results, "ben", course, "-o", str(out))
    assert done.exit_code == 0, done.output
    assert (out / "01_first/notebook.ipynb").is_file()
    assert not mentions(out, "cleo")


def test_an_unknown_id_is_one_sentence(results, course):  # noqa: F811
    done = call(data, results, "nobody", course)
    assert done.exit_code == 1
    assert "nothing is held about 'nobody'" in done.output


def test_forgetting_shows_first_and_then_leaves_nothing_but_sums(results, course, tmp_path):  # noqa: F811
    out = tmp_path / "www"
    run(results, out, course)
    before = mentions(results, "anna")
    assert before
    shown = call(forget, results, "anna", course)
    assert "01_first/anna" in shown.output
    assert "add --yes" in shown.output
    assert mentions(results, "anna") == before, "nothing is erased yet"
    pages = len(list(out.iterdir()))
    done = call(forget, results, "anna", course, "--yes", "--published", str(out))
    assert done.exit_code == 0, done.output
    assert "1 submission and 1 published page erased" in done.output
    assert "still in the roster" in done.output
    assert mentions(results, "anna") == []
    assert len(list(out.iterdir())) == pages - 1
    sums = json.loads((results / "staff/forgotten.json").read_text())
    assert sums == {"01_first": {"submissions": 1, "score": 1.0, "max_score": 2.0}}
    with Store(results) as store:
        assert {place.subject for place in store.places()} == {"g1", "unmatched-0000"}
        keep(store, "anna", ("anna",))
        assert len([e for e in store.events() if e.subject == "anna"]) == 1


def test_what_a_group_handed_in_stays_with_the_others(results, course, tmp_path):  # noqa: F811
    out = tmp_path / "www"
    run(results, out, course)
    done = call(forget, results, "ben", course, "--yes", "--published", str(out))
    assert "01_first/g1: stays, since it was handed in with others" in done.output
    with Store(results, write=False) as store:
        assert any(place.subject == "g1" for place in store.places())
    assert "ben" not in (results / "staff/publications.json").read_text()


@pytest.mark.parametrize("student", ["../../etc", "", "a/b"])
def test_an_id_that_is_a_path_touches_nothing(results, course, student):  # noqa: F811
    before = sorted(results.rglob("*"))
    assert call(forget, results, student, course, "--yes").exit_code != 0
    assert sorted(path for path in results.rglob("*") if path.name != ".lock") == [
        path for path in before if path.name != ".lock"
    ]
