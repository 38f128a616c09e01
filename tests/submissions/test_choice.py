"""Within one hand-in: which file is graded for which assignment, and what is said of the others."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from autograder.submissions import choice
from autograder.submissions.choice import Choice, Chooser, notebook_metadata
from autograder.submissions.layouts.base import HandedFile, HandIn, Owner
from autograder.submissions.listing import FileRefused, ListedFile, Refused
from autograder.submissions.naming import named_assignment
from autograder.submissions.wanted import Wanted, has_released_name, rank_in_hand_in, rank_of_names

THIRD, FOURTH = Wanted("03_separable"), Wanted("04_distillation", releases=lambda: frozenset({"r4"}))


def book(**metadata: str) -> bytes:
    return json.dumps({"nbformat": 4, "metadata": {"autograder": metadata}, "cells": []}).encode()


BOOK = book()


def handed(path: str, data: bytes | FileRefused = BOOK, *, size: int | None = None, **more: Any) -> HandedFile:
    def read() -> bytes:
        if isinstance(data, FileRefused):
            raise data
        return data

    parts = tuple(path.split("/"))
    length = len(data) if isinstance(data, bytes) else 0
    return HandedFile(parts, ListedFile(parts, f"in/{path}", length if size is None else size, None, (), read), **more)


def choices(
    files: Sequence[HandedFile], only: str | None = None, wanted: Sequence[Wanted] = (THIRD, FOURTH), **hand_in: Any
) -> list[Choice]:
    where = HandIn("folder", hand_in.pop("source", "ada"), Owner("ada"), tuple(files), **hand_in)
    return Chooser(where, wanted, only).choices()


def taken(found: Sequence[Choice]) -> dict[str, str]:
    return {one.assignment: "/".join(one.notebook.path) if one.notebook else one.problem for one in found}


def test_each_assignment_gets_the_notebook_of_its_name() -> None:
    files = [handed("03_separable.ipynb"), handed("work/my 04 distillation.ipynb"), handed("notes.pdf")]
    assert taken(choices(files)) == {
        "03_separable": "03_separable.ipynb",
        "04_distillation": "work/my 04 distillation.ipynb",
    }


def test_what_is_said_where_there_is_no_notebook() -> None:
    (one,) = choices([handed("03_separable.pdf", b"%PDF")])
    assert (one.assignment, one.nothing, one.source) == ("03_separable", True, "ada")
    assert one.problem == "ada: found 03_separable.pdf, expected a notebook; hand in the .ipynb file itself"
    (one,) = choices([handed("a.pdf", b"")], source="ada_04_distillation", place="batch")
    assert (one.assignment, one.source) == ("04_distillation", "batch/ada_04_distillation")
    (one,) = choices([handed(f"{n}.pdf", b"") for n in range(6)])
    assert "found 0.pdf, 1.pdf, 2.pdf, 3.pdf and 2 more, expected" in one.problem
    assert one.assignment == ""
    both = [handed("03_separable.pdf", b""), handed("04_distillation.pdf", b"")]
    assert choices(both)[0].assignment == ""
    (one,) = choices([])
    assert one.problem == "ada: found nothing in it, expected a notebook; hand in the .ipynb file itself"


def test_what_was_refused_or_left_out_is_said_instead() -> None:
    refused = [Refused(("a.7z",), "ada/a.7z", "no archive"), Refused(("03_separable.ipynb",), "ada/b.IPYNB", "a link")]
    (one,) = choices([], refused=tuple(refused))
    assert (one.assignment, one.problem) == ("03_separable", "ada/b.IPYNB: a link")
    (one,) = choices([handed("04_distillation.pdf", b"")], refused=tuple(refused[:1]))
    assert (one.assignment, one.problem) == ("04_distillation", "ada/a.7z: no archive")
    skipped = tuple(Refused(("ada", f"{n:02}"), "", "") for n in range(60))
    (one,) = choices([], skipped=(*skipped[:1], *skipped[:55]))
    names = ", ".join(f"{n:02}" for n in range(49))
    assert one.problem == (
        f"ada: found only what programs leave ({names}), expected a notebook; hand in the .ipynb file itself"
    )


def test_a_notebook_under_another_ending_is_taken_where_no_other_is_the_assignment_s() -> None:
    hidden = handed("03_separable.ipynb.txt")
    (one,) = choices([handed("04_distillation.ipynb"), hidden], "03_separable")
    assert one.notebook == hidden
    assert one.notices == (
        "03_separable.ipynb.txt is a notebook under another ending; hand in a file that ends in .ipynb.",
    )
    (one,) = choices([handed("mine.ipynb"), hidden], "03_separable")
    assert (taken([one]), one.notices) == ({"03_separable": "mine.ipynb"}, ()), "it may well be that one"
    found = choices([handed("04_distillation.ipynb"), hidden])
    assert taken(found) == {"04_distillation": "04_distillation.ipynb", "03_separable": "03_separable.ipynb.txt"}
    assert taken(choices([handed("03_separable.json")], "03_separable")) == {"03_separable": "03_separable.json"}


def test_the_likely_ones_are_opened_before_too_many_were() -> None:
    unlikely = [handed(f"a{n:02}.xyz", b"{}") for n in range(choice.MOST_OPENED * 4)]
    for name in ("zbook", "zbook.txt", "zbook.ipynb.xyz", "z_03_separable.xyz"):
        assert taken(choices([*unlikely, handed(name)], "03_separable")) == {"03_separable": name}
    (one,) = choices([*unlikely, handed("zbook.xyz")], "03_separable")
    assert one.nothing


def test_others_are_named_up_to_three() -> None:
    names = [f"03_separable ({n}).ipynb" for n in range(9, 4, -1)]
    for count, said in ((2, f"not {names[1]}."), (4, f"not {', '.join(names[1:4])}."), (5, " and 1 more.")):
        (one,) = choices([handed(name) for name in names[:count]])
        assert one.notices[0].startswith(f"Of several notebooks {names[0]} was graded, not {names[1]}")
        assert one.notices[0].endswith(said)


def test_those_of_another_assignment_are_no_rivals_where_one_is_asked_for() -> None:
    files = [handed("03_separable.ipynb"), handed("04_distillation.ipynb")]
    (one,) = choices(files, "03_separable")
    assert (taken([one]), one.notices) == ({"03_separable": "03_separable.ipynb"}, ())
    (one,) = choices(files, assignment="03_separable")
    assert one.notices == ("Of several notebooks 03_separable.ipynb was graded, not 04_distillation.ipynb.",)
    assert choices(files, "03_separable", assignment="04_distillation") == []


def test_another_assignment_s_notebook_is_set_aside() -> None:
    for data in (book(assignment="04_distillation"), book(release="r4")):
        (one,) = choices([handed("03_separable.ipynb", data)])
        assert (one.assignment, one.set_aside, one.notebook) == ("03_separable", True, None)
        assert one.problem == (
            "in/03_separable.ipynb: this is the notebook of 04_distillation, not of 03_separable: it is set aside and "
            "costs no attempt; hand in 03_separable.ipynb"
        )
    files = [
        handed("03_separable.ipynb", book(release="r4")),
        handed("b_03_separable.ipynb", book(assignment="03_separable")),
    ]
    assert taken(choices(files)) == {"03_separable": "b_03_separable.ipynb"}


def test_without_a_name_the_notebook_says_it_or_nothing_does() -> None:
    assert taken(choices([handed("a.ipynb", book(assignment="04_distillation"))])) == {"04_distillation": "a.ipynb"}
    (one,) = choices([handed("b.ipynb"), handed("a.ipynb")])
    assert (one.assignment, one.source) == ("", "in/a.ipynb")
    assert one.problem == (
        "in/a.ipynb: cannot tell which assignment this is, expected one of 03_separable, 04_distillation in its name "
        "or folder; name it with --assignment"
    )
    assert taken(choices([handed("a.ipynb")], source="x_04_distillation", flat=True)) == {"04_distillation": "a.ipynb"}
    assert taken(choices([handed("a.ipynb")], wanted=[THIRD])) == {"03_separable": "a.ipynb"}


def test_the_release_decides_before_copies_and_after_the_released_name() -> None:
    ours = handed("z_04_distillation.ipynb", book(release="r4"))
    assert taken(choices([handed("a_04_distillation.ipynb"), ours])) == {"04_distillation": "z_04_distillation.ipynb"}
    released = handed("04_distillation.ipynb")
    assert taken(choices([released, ours])) == {"04_distillation": "04_distillation.ipynb"}


def test_a_notebook_that_cannot_be_had_is_a_problem() -> None:
    (one,) = choices([handed("03_separable.ipynb", size=(33 << 20) + 5)])
    assert one.problem == ("in/03_separable.ipynb: found 33 MiB, expected at most 32 MiB; clear large outputs and save")
    (one,) = choices([handed("03_separable.ipynb", FileRefused("it is a link"))])
    assert (one.problem, one.source) == ("in/03_separable.ipynb: it is a link", "in/03_separable.ipynb")
    (one,) = choices([handed("03_separable.ipynb", size=32 << 20)])
    assert one.problem == ""


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"metadata": {"autograder": {"assignment": "a", "release": "r"}}}, ("a", "r")),
        ({"metadata": {"autograder": {"assignment": "a" * 200, "release": "r" * 201}}}, ("a" * 200, "")),
        ({"metadata": {"autograder": {"assignment": 3, "release": None}}}, ("", "")),
        ({"metadata": {"autograder": "a"}}, ("", "")), ({"metadata": []}, ("", "")), ({}, ("", "")), ([1], ("", "")),
    ],
)  # fmt: skip
def test_what_a_notebook_says_of_itself(document: Any, said: tuple[str, str]) -> None:
    assert notebook_metadata(json.dumps(document).encode()) == said
    assert notebook_metadata(b"{") == ("", "")


def test_names_among_many_rank_by_what_was_asked_for() -> None:
    rank = rank_of_names([Wanted("03_separable", ("weights.pt",)), FOURTH])
    names = {
        "03_Separable.ipynb": 0, "04_distillation.ipynb": 0, "weights.pt": 1, "03_separable (2).ipynb": 1,
        "timestamp.txt": 1, "ada_03_separable.ipynb": 2, "ada_03_separable.ipynb.txt": 2, "other.ipynb": 3,
        "notes.txt": 4, "book.jupyter": 4, "03_separable.png": 5, "weights": 5,
    }  # fmt: skip
    assert {name: rank(name) for name in names} == names


def test_files_of_a_hand_in_rank_by_their_names() -> None:
    in_order = [
        handed("work/03_separable.ipynb", again=1), handed("03_separable.ipynb"),
        handed("work/03_separable.ipynb"), handed("03_Separable.ipynb"),
        handed("03_separable (10).ipynb"), handed("03_separable (9).ipynb"),
        handed("work/03_separable (3).ipynb"), handed("ada_03_separable(1).ipynb"), handed("ada_03_separable(2).ipynb"),
        handed("work/03 separable.ipynb"), handed("zzz.ipynb"), handed("03_separable-Copy1.ipynb"),
        handed("Copy of 03_separable.ipynb"), handed("work/03_separable copy.ipynb"),
    ]  # fmt: skip
    mixed = list(in_order)
    random.Random(1).shuffle(mixed)
    assert sorted(mixed, key=lambda file: rank_in_hand_in(file, THIRD)) == in_order
    assert [has_released_name(file, THIRD) for file in in_order] == [True] * 4 + [False] * 10


def test_the_longest_assignment_of_a_name_counts() -> None:
    assert named_assignment("9 and 10_long_name", ["10_long_name", "9"]) == "10_long_name"
    assert named_assignment("10-LONG.name", ["9", "10_long_name"]) == "10_long_name"
    assert named_assignment("x10_long_name", ["10_long_name"]) == ""
    assert named_assignment("10_long_names", ["10_long_name"]) == ""
