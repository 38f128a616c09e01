"""Pairs of similar submissions: copies are found whatever they were dressed in, and different hands are no pairs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

pytest.importorskip("copydetect")

from autograder.course.course import load_course
from autograder.notebooks.read import Cell, Notebook
from autograder.pages.templates import render
from autograder.records import MatchedCell, Outcome, Result
from autograder.reports.options import IndexOptions
from autograder.reports.questions import Submitted
from autograder.reports.similar import SHARED, OwnCell, OwnCode, commonness, own_code, similar_view
from autograder.reports.staff_pages import frame_of
from benchmarks.similar import disguised, make_class, measure

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
MINE = '''\
class Counter(Base):
    """Counts."""

    def __init__(self, start, step):
        super().__init__()
        self.start, self.step = start, step

    def forward(self, values):
        total = self.start
        for value in values:  # one after the other
            if value > 3 and value % 7 != 2:
                total = total * 2 + value ** self.step
        return [total, max(values) - min(values), {"all": len(values)}]
'''
OTHERS = """\
class Counter(Base):
    def __init__(self, start, step):
        super().__init__()
        self.given = dict(start=start, step=step)

    def forward(self, values):
        large = filter(lambda value: not (value <= 3 or value % 7 == 2), values)
        spread = sorted(values)[-1] - sorted(values)[0]
        return list((functools.reduce(self.grow, large, self.given["start"]), spread, dict(all=len(values))))
"""


def result(subject: str, students: tuple[str, ...] | None = None) -> Result:
    return Result(
        outcome=Outcome.GRADED, subject=subject, students=(subject,) if students is None else students,
        assignment="03_separable", title="T", notebook_sha256="0" * 64, attempt=1,
        graded_at=datetime(2026, 11, 1, tzinfo=UTC), score=1.0, max_score=1.0,
    )  # fmt: skip


def own(subject: str, *sources: str, students: tuple[str, ...] | None = None) -> OwnCode:
    return OwnCode(result(subject, students), tuple(OwnCell(i, source) for i, source in enumerate(sources, 1)))


def named(*submissions: OwnCode, known: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(p.first.subject, p.second.subject) for p in similar_view(submissions, known, IndexOptions()).pairs]


def test_a_copy_with_new_names_layout_and_order_is_a_pair_and_another_hand_is_not() -> None:
    copy = disguised(MINE)
    assert "quantity_" in copy
    assert named(own("a", "x = 1", MINE), own("b", copy, "y = 2"), own("c", OTHERS)) == [("a", "b")]


def test_what_was_handed_out_or_is_known_or_is_everybodys_says_nothing() -> None:
    pair = (own("a", MINE), own("b", MINE))
    assert named(*pair) == [("a", "b")]
    assert named(*pair, known=(MINE,)) == []
    many = commonness(7) + 1
    assert named(*(own(f"s{i}", MINE) for i in range(many))) == []
    assert len(named(*(own(f"s{i}", MINE) for i in range(many - 1)))) == (many - 1) * (many - 2) // 2


def test_members_of_one_group_are_no_pair() -> None:
    assert named(own("a", MINE, students=("a", "z")), own("b", MINE, students=("z",))) == []


def test_a_run_of_tokens_does_not_go_over_the_end_of_a_cell() -> None:
    """Two who put the same short answers one after the other have nothing in common but those."""
    short = ("a = f(1)", "b = g(2)", "c = h(3)", "d = i(4)", "e = j(5)", "k = l(6)", "m = n(7)", "o = p(8)")
    assert named(own("a", *short), own("b", *short)) == []


def test_lines_in_common_are_marked_on_both_sides_and_no_others() -> None:
    """Also behind the name of a class, where the library's own places are wrong."""
    mine = "class LongNameOfAClass:\n    pass\n\n\ndef alone(a):\n    return a\n\n\n" + MINE
    theirs = disguised(MINE) + "\n\nquite = another(thing, 3) if here else None\n"
    (pair,) = similar_view((own("a", mine), own("b", theirs)), (), IndexOptions()).pairs
    assert pair.shared >= SHARED
    for cells, source, alone in ((pair.sides[0], mine, range(1, 7)), (pair.sides[1], theirs, range(-2, 0))):
        lines = source.strip("\n").split("\n")
        marked = {i for i, (_, common) in enumerate(cells[0].lines) if common}
        assert not marked & {i % len(lines) for i in alone}
        assert {
            i for i, line in enumerate(lines) if "for " in line or ("if " in line and "thing" not in line)
        } <= marked


def test_own_code_is_what_was_not_handed_out_without_the_quiz() -> None:
    assignment = COURSE.assignment("03_separable")
    quiz = next(question.id for question in assignment.questions if question.kind == "quiz")
    sources = ("import torch", 'quiz_1 = "a"', MINE, "", "print(1)")
    cells = [Cell(kind="code", source=source, index=i) for i, source in enumerate(sources)]
    matched = (MatchedCell(index=1, grade_id=f"{quiz}_1", questions=(quiz,)),)
    one = own_code(
        Submitted(result("a"), Notebook("a.ipynb", tuple(cells), "0" * 64), matched), assignment, {"import torch"}
    )
    assert [cell.number for cell in one.cells] == [3, 5]


@pytest.mark.parametrize(
    "code", ['"""never closed\n' * 400, "(" * 20_000, "\0\x1d" * 50, "def f(:\n" + "x" * 70_000, "é¼ℌ" * 500]
)
def test_code_that_is_no_python_stops_nothing(code) -> None:
    assert named(own("a", code, MINE), own("b", MINE), own("c", code[:15])) == [("a", "b")]


def test_hostile_code_is_text_on_the_page() -> None:
    hostile = MINE + "\nprint('</pre><script>alert(1)</script>')\n"
    view = similar_view((own("a", hostile), own("b", hostile)), (), IndexOptions())
    text = render("pair.html", sheets=("staff.css",), pair=view.pairs[0], **frame_of(IndexOptions(), "a and b"))
    soup = BeautifulSoup(text, "html.parser")
    assert not soup.select("script")
    assert soup.get_text().count("<script>alert(1)</script>") == 2


@pytest.mark.parametrize("name", ["03_separable", "04_distillation"])
def test_of_a_synthetic_class_the_copy_is_named_and_nobody_else(name) -> None:
    made = make_class(COURSE.assignment(name), 60, copied=2, seed=0)
    found = measure(made)
    assert found.honest > 300
    assert found.false == 0
    assert found.found
