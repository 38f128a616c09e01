"""What is held about a student, told to them and erased."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_publish import course, keep, results, run  # noqa: F401 - fixtures

from autograder.commands.data import command as data
from autograder.commands.forget import command as forget
from autograder.course.roster import load_roster
from autograder.course.variant_codes import new_code
from autograder.course.variant_table import Row, VariantTable, read_variant_table, write_variant_table
from autograder.results.store import Store
from tests.kept import bytes_of


def call(command, results: Path, student: str, course: Path, *more: str):  # noqa: F811
    return CliRunner().invoke(command, [str(results), student, "--course", str(course), *more])


def mentions(folder: Path, student: str) -> list[str]:
    """Files whose name or text has this id as a word."""
    found = []
    for path in folder.rglob("*"):
        text = bytes_of(path).decode(errors="replace") if path.is_file() else ""
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


def test_the_class_s_pages_keep_what_the_roster_says_of_the_others(results, course, tmp_path):  # noqa: F811
    roster = course.parent / "roster.csv" if course.is_file() else course / "roster.csv"
    roster.write_text(roster.read_text().replace("cleo,,,g1,,", "cleo,,,g1,Tuesday,"))
    assert call(forget, results, "anna", course, "--yes").exit_code == 0
    assert "Tuesday" in (results / "staff/report/01_first/students.html").read_text()


def test_what_a_group_handed_in_stays_with_the_others(results, course, tmp_path):  # noqa: F811
    out = tmp_path / "www"
    run(results, out, course)
    done = call(forget, results, "ben", course, "--yes", "--published", str(out))
    assert "01_first/g1: stays, since it was handed in with others" in done.output
    with Store(results, write=False) as store:
        assert any(place.subject == "g1" for place in store.places())
    assert mentions(results, "ben") == [], "what stays names the others alone"
    assert "cleo" in (results / "staff/submissions/01_first/g1/result.json").read_text()
    assert "ben" not in (results / "students/01_first/g1/feedback.html").read_text()
    assert "Publish again" in done.output


def test_pages_that_are_out_are_never_forgotten_unseen(results, course, tmp_path):  # noqa: F811
    """Their addresses would be gone, and the pages would stay."""
    out = tmp_path / "www"
    run(results, out, course)
    before = mentions(results, "anna")
    refused = call(forget, results, "anna", course, "--yes")
    assert refused.exit_code == 1
    assert "1 page to be erased went out; give their folder with --published" in refused.output
    assert mentions(results, "anna") == before
    for page in out.iterdir():
        page.unlink()
    done = call(forget, results, "anna", course, "--yes", "--published", str(out))
    assert "1 published page did not lie in that folder" in done.output
    assert mentions(results, "anna") == []


def test_the_code_of_a_personal_variant_is_told_and_becomes_nobodys(results, course, tmp_path):  # noqa: F811
    roster = load_roster(course / "roster.csv", ["01_first"])
    table = VariantTable().completed(roster)
    anna, group = table.rows
    gone = Row(new_code({row.code for row in table.rows}), "student", "dora", ("dora@uni.example",))
    write_variant_table(course, VariantTable((*table.rows, gone)))
    told = json.loads(call(data, results, "ben", course).stdout)
    assert told["personal_variants"] == [{"code": group.code, "of_a_group": True, "also_called": []}]
    assert "cleo" not in json.dumps(told)
    (held,) = json.loads(call(data, results, "dora", course).stdout)["personal_variants"]
    assert held == {"code": gone.code, "of_a_group": False, "also_called": ["dora@uni.example"]}

    assert f"variants.csv: {anna.code}" in call(forget, results, "anna", course).output
    assert read_variant_table(course).rows[0] == anna, "nothing is erased yet"
    done = call(forget, results, "anna", course, "--yes")
    assert f"the code {anna.code} was theirs, and is nobody's now" in done.output
    assert call(forget, results, "dora", course, "--yes").exit_code == 0, "who left the roster is known by the table"
    done = call(forget, results, "ben", course, "--yes")
    assert f"the code {group.code} named them, and does no longer" in done.output
    after = read_variant_table(course)
    assert [(row.code, row.kind, row.subject, row.names) for row in after.rows] == [
        (anna.code, "retired", "", ()),
        (group.code, "group", "g1", ("cleo",)),
        (gone.code, "retired", "", ()),
    ]
    again = after.completed(roster)  # anna is still in the roster, and gets another code
    assert again.code_of("anna", roster) not in {row.code for row in table.rows}
    call(forget, results, "cleo", course, "--yes")
    assert read_variant_table(course).rows[1] == Row(group.code, "retired", ""), "a group of nobody"


def test_a_table_that_cannot_be_read_erases_nothing(results, course):  # noqa: F811
    (course / "variants.csv").write_text("nonsense")
    before = mentions(results, "anna")
    refused = call(forget, results, "anna", course, "--yes")
    assert refused.exit_code == 1
    assert "variants.csv" in refused.output
    assert mentions(results, "anna") == before


def test_sheets_that_show_answers_go_too(results, course):  # noqa: F811
    sheet = results / "staff/report/01_first/question-one.html"
    sheet.parent.mkdir(parents=True, exist_ok=True)
    for name in ("question-one", "similar", "similar-1"):
        sheet.with_name(f"{name}.html").write_text("anna wrote this")
    (sheet.parent / "viva").mkdir()
    for name in ("anna.html", "anna.txt", "g1.html"):
        (sheet.parent / "viva" / name).write_text("anna wrote this")
    call(forget, results, "anna", course, "--yes")
    assert mentions(results, "anna") == []
    assert "cleo" in (sheet.parent / "students.html").read_text(), "those who stay are listed"


def test_what_was_kept_long_enough_is_listed_and_then_erased(results, course, tmp_path):  # noqa: F811
    text = (course / "course.yaml").read_text()
    silent = CliRunner().invoke(forget, [str(results), "--due", "--course", str(course)])
    assert silent.exit_code == 1
    assert "found no `retention`, expected" in silent.output
    (course / "course.yaml").write_text(text + "retention: {days: 36500}\n")
    assert "Nothing is due" in CliRunner().invoke(forget, [str(results), "--due", "--course", str(course)]).output

    (course / "course.yaml").write_text(text + "retention: {days: 1}\n")
    roster = (course / "roster.csv").read_text().replace("anna,,,,,", "anna,,,,,01_first=2099-01-01T00:00:00+00:00")
    (course / "roster.csv").write_text(roster)
    out = tmp_path / "www"
    run(results, out, course, "--term")
    asked = [str(results), "--due", "--course", str(course)]
    listed = CliRunner().invoke(forget, asked, catch_exceptions=False)
    assert "01_first/g1: due since 2026-10-03" in listed.output, "a day after the deadline, not after the hand-in"
    assert "anna" not in listed.output, "an extension holds here, too"
    assert "2 submissions due. Nothing is erased" in listed.output
    decided = "assignment: 01_first, who: tia, why: ill, when: 2026-10-05, students: [g1]"
    for more, since in (
        ("kind: received_at, at: 2026-10-20T10:00:00+00:00", "2026-10-21"),
        ("kind: extension, until: 2026-10-25T10:00:00+00:00", "2026-10-26"),
    ):
        (course / "adjustments.yaml").write_text(f"adjustments:\n- {{{more}, {decided}}}\n")
        told = CliRunner().invoke(forget, asked, catch_exceptions=False).output
        assert f"01_first/g1: due since {since}" in told, "what people decided holds here, too"
    (course / "adjustments.yaml").unlink()
    assert CliRunner().invoke(forget, [*asked, "--yes"]).exit_code == 1, "pages are out"
    done = CliRunner().invoke(forget, [*asked, "--yes", "--published", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "2 submissions and 4 published pages erased" in done.output, "of ben and cleo, with those over the term"
    with Store(results, write=False) as store:
        assert [place.subject for place in store.places()] == ["anna"]
        assert {event.subject for event in store.events()} == {"anna"}
    sums = json.loads((results / "staff/forgotten.json").read_text())
    assert sums == {"01_first": {"submissions": 2, "score": 2.0, "max_score": 4.0}}
    assert len(list(out.iterdir())) == 2
    assert "Nothing is due" in CliRunner().invoke(forget, asked).output


@pytest.mark.parametrize("more", [[], ["anna", "--due"]])
def test_either_a_student_or_what_is_due(results, course, more):  # noqa: F811
    refused = CliRunner().invoke(forget, [str(results), *more, "--course", str(course)])
    assert refused.exit_code == 2
    assert "expected a student's id or --due" in refused.output


@pytest.mark.parametrize("student", ["../../etc", "", "a/b"])
def test_an_id_that_is_a_path_touches_nothing(results, course, student):  # noqa: F811
    before = sorted(results.rglob("*"))
    assert call(forget, results, student, course, "--yes").exit_code != 0
    assert sorted(path for path in results.rglob("*") if path.name != ".lock") == [
        path for path in before if path.name != ".lock"
    ]
