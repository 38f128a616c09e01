"""Codes of personal variants, and the table that says whose they are."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import variant_table
from autograder.course.course import load_course
from autograder.course.roster import Roster, load_roster
from autograder.course.variant_codes import ALPHABET, code_in, is_code, new_code, with_code
from autograder.course.variant_table import (
    Row,
    VariantTable,
    VariantTableError,
    read_variant_table,
    write_variant_table,
)
from autograder.release.files import write_release
from autograder.release.starter import build_release
from autograder.runs import plan
from autograder.submissions.check import check_notebook
from autograder.submissions.submission import Submission

ROOT = Path(__file__).parents[2]


def roster(tmp_path: Path, *lines: str) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_text("\n".join(["id,email,aliases,group", *lines]) + "\n")
    return load_roster(path)


def test_every_mistyped_sign_and_every_exchange_is_noticed() -> None:
    draw = random.Random(1).choice
    for _ in range(50):
        code = new_code((), draw)
        assert is_code(code)
        for place, sign in enumerate(code):
            assert not any(is_code(code[:place] + other + code[place + 1 :]) for other in ALPHABET if other != sign)
        for place in range(4):
            exchanged = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert exchanged == code or not is_code(exchanged)


def test_a_code_is_found_between_quotes_only_and_put_there() -> None:
    code, other = new_code((), random.Random(1).choice), new_code((), random.Random(2).choice)
    source = f'# {code} is no code here\nname = "abcde"\ncode = "{code.lower()}"  # yours'
    assert code_in(source) == code
    assert with_code(source, other) == source.replace(f'"{code.lower()}"', f'"{other}"')
    assert code_in(with_code(source, other)) == other
    assert (code_in(f"code = {code}"), with_code("code = None", other)) == ("", "code = None")


def test_everybody_keeps_a_code_and_who_comes_late_gets_one(tmp_path: Path) -> None:
    first = roster(tmp_path, "s1,ada@uni.example,canvas:71,", "s2,,login:bo,", "s3,,,team", "s4,,,team")
    table = VariantTable().completed(first)
    assert [(row.kind, row.subject) for row in table.rows] == [("student", "s1"), ("student", "s2"), ("group", "team")]
    assert len({row.code for row in table.rows}) == 3
    later = roster(
        tmp_path, "x1,ada@uni.example,canvas:71,", "s2,,login:bo,", "s5,,,", "s3,,,new_team", "s4,,,new_team"
    )
    for code, before in zip(("x1", "s2", "new_team"), table.rows, strict=True):
        assert table.code_of(code, later) == before.code, "found by what else they are called"
    assert table.code_of("s5", later) == ""
    renewed = table.completed(later)
    assert [row.code for row in renewed.rows][:3] == [row.code for row in table.rows]
    assert renewed.code_of("s5", later) not in ("", *(row.code for row in table.rows))
    assert renewed.completed(later) == renewed


def test_two_who_share_a_name_are_not_mistaken_for_each_other(tmp_path: Path) -> None:
    code, other = new_code((), random.Random(1).choice), new_code((), random.Random(2).choice)
    table = VariantTable((Row(code, "student", "s1", ("login:a",)), Row(other, "student", "s2", ("login:b",))))
    both = roster(tmp_path, "x,,login:a; sid:1,")
    assert table.code_of("x", both) == code
    unclear = roster(tmp_path, "x,,login:a; login:b,")
    assert table.code_of("x", unclear) == ""


def test_next_year_no_code_of_this_year_is_given_again(tmp_path: Path) -> None:
    people = roster(tmp_path, "s1,,,")
    table = VariantTable().completed(people)
    retired = table.retired()
    assert retired.code_of("s1", people) == ""
    assert "s1" not in retired.as_csv()
    renewed = retired.completed(people)
    assert renewed.code_of("s1", people) not in ("", table.rows[0].code)


def test_the_table_is_read_as_it_was_written_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    assert read_variant_table(tmp_path) is None
    table = VariantTable().completed(roster(tmp_path, "s1,ada@uni.example,canvas:7; login:ada,", "s2,,,team"))
    path = write_variant_table(tmp_path, table)
    assert read_variant_table(tmp_path) == table
    good, text = table.rows[0].code, path.read_text()
    for broken, message in (
        (text.replace(good, good[:-1] + ("2" if good[-1] != "2" else "3")), "variants.csv:2: found .*check digit"),
        (text + f"{good},student,s9,\n", f"variants.csv:4: found the code {good} again"),
        (text.replace(",group,", ",crowd,"), "variants.csv:3: expected code, one of student, group"),
        (text.replace(",s1,", ",../s1,"), r"variants.csv:2: found the subject '../s1'"),
        ("code,who\n", "variants.csv:1: expected the columns"),
    ):
        path.write_text(broken)
        with pytest.raises(VariantTableError, match=message):
            read_variant_table(tmp_path)


def test_an_id_that_went_to_somebody_else_takes_no_code_along(tmp_path: Path) -> None:
    first = roster(tmp_path, "s1,ada@uni.example,canvas:71,", "s2,bo@uni.example,,")
    table = VariantTable().completed(first)
    ada, bo = table.rows
    swapped = roster(tmp_path, "x1,ada@uni.example,canvas:71,", "s1,new@uni.example,,", "s2,bo@uni.example,,")
    later = table.completed(swapped)
    assert later.code_of("x1", swapped) == ada.code, "who has the e-mail address"
    assert later.code_of("s2", swapped) == bo.code
    assert later.code_of("s1", swapped) not in ("", ada.code, bo.code)
    assert table.code_of("s1", swapped) == "", "nor before the table is completed"
    corrected = roster(tmp_path, "s1,ada@other.example,,", "s2,bo@uni.example,,")
    assert table.completed(corrected).code_of("s1", corrected) == ada.code, "the same id with another address"


def test_rows_of_a_student_are_found_in_whatever_spelling_in_the_table_s_order(tmp_path: Path) -> None:
    people = roster(tmp_path, "s1,ada@uni.example,,team", "s2,,,team", "S3,bo@uni.example,,")
    draws = [random.Random(number).choice for number in range(5)]
    codes = [new_code((), draw) for draw in draws]
    table = VariantTable((
        Row(codes[0], "group", "old", ("s2", "S1")), Row(codes[1], "student", "ada@uni.example"),
        Row(codes[2], "group", "s1", ("s2",)), Row(codes[3], "retired", ""), Row(codes[4], "student", "s3"),
    ))  # fmt: skip
    assert [row.code for row in table.rows_of("s1", people)] == codes[:2], "a group of that name is not the student"
    assert [row.code for row in table.rows_of("s2", people)] == [codes[0], codes[2]]
    assert [row.code for row in table.rows_of("s3", people)] == [codes[4]]
    assert table.rows_of("s4", people) == ()
    assert [row.names for row in table.without("s1", people).rows] == [("s2",), (), ("s2",), (), ()]
    assert [row.kind for row in table.without("s2", people).rows] == [
        "group",
        "student",
        "retired",
        "retired",
        "student",
    ]


def test_nobody_goes_through_the_roster_or_the_table_for_each_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[int] = []
    equal: list[int] = []
    seen: list[str] = []
    subjects, normal = variant_table._subjects, variant_table.normal

    def counted(count: list[Any], function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*asked: Any) -> Any:
            count.append(asked)
            return function(*asked)

        return call

    monkeypatch.setattr(variant_table, "_subjects", counted(walks, subjects))
    monkeypatch.setattr(Row, "__eq__", counted(equal, Row.__eq__))
    monkeypatch.setattr(variant_table, "normal", counted(seen, normal))
    people = roster(tmp_path, *(f"s{n},s{n}@uni.example,," for n in range(300)))
    table = VariantTable().completed(people).completed(people)
    codes = table.codes(people)
    assert (len(set(codes.values())), len(walks)) == (300, 3)
    assert all(table.rows_of(f"s{n}", people)[0].code == codes[f"s{n}"] for n in range(300))
    assert len(equal) < 3000
    assert len(seen) < 300 * 30

    release = SimpleNamespace(newest=SimpleNamespace(cells=()))
    monkeypatch.setattr(plan, "read_variant_table", lambda root: table)
    monkeypatch.setattr(plan, "load_releases", lambda path: release)
    monkeypatch.setattr(plan, "variant_cell_of", lambda cells: True)
    course = SimpleNamespace(root=tmp_path, assignment=lambda name: SimpleNamespace(releases_path=tmp_path))
    handed_in = [Submission(f"s{n}", (f"s{n}",), n != 7, "a", "file", "") for n in range(300)]
    walks.clear()
    coded = plan.with_codes(course, people, handed_in)  # type: ignore[arg-type]
    assert [one.variant for one in coded] == [codes[f"s{n}"] if n != 7 else None for n in range(300)]
    assert len(walks) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [("DWCDH", []), ("F8TUD", ["everybody gets the notebook"]), ("F8TUX", ["no code in it that can be read"])],
)
def test_check_says_nothing_of_a_student_s_own_code_and_what_is_wrong_with_another(
    tmp_path: Path, code: str, words: list[str]
) -> None:
    course = load_course(Path(shutil.copytree(ROOT / "examples/sales", tmp_path / "sales")))
    write_release(build_release(course.assignment("01_sales")))
    starter = (course.root / "assignments/01_sales/01_sales.ipynb").read_text()
    assert "F8TUD" in starter
    path = tmp_path / "01_sales.ipynb"
    path.write_text(starter.replace("F8TUD", code))
    said = [remark.text for remark in check_notebook(path.read_bytes(), path, course)]
    about = [text for text in said if re.search(r"\bcode\b", text)]
    assert len(about) == len(words), about
    assert all(word in text for word, text in zip(words, about, strict=True))
