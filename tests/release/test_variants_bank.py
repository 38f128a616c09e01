"""Bank files: headers, their mistakes, and insertion into a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.course.bank import VariantError, insert_variant, read_bank, read_variant
from autograder.course.course import Assignment, load_course
from autograder.release.starter import read_master, solution_notebook, starter_notebook

Small = Callable[..., Assignment]

WRONG = """\
# question: double
# misconception: squared_for_doubled
# sentence: The number is squared,
#    not doubled.
# hint: What is double(3)?

def double(x):
    # sum: of x and x
    return x * x
"""
RIGHT = """\
# question: double, repair
# note: by multiplication
double = lambda x: 2 * x
mean = lambda v: sum(v) / len(v)
"""


def bank_file(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_wrong_variant_is_read(tmp_path: Path) -> None:
    variant = read_variant(bank_file(tmp_path, "wrong_squared.py", WRONG))
    assert (variant.kind, variant.name, variant.questions) == ("wrong", "squared", ("double",))
    assert variant.misconception == "squared_for_doubled"
    assert variant.sentence == "The number is squared, not doubled."
    assert variant.hint == "What is double(3)?"
    assert variant.note == ""
    assert variant.code == "def double(x):\n    # sum: of x and x\n    return x * x"


def test_a_right_variant_of_two_questions_is_read(tmp_path: Path) -> None:
    variant = read_variant(bank_file(tmp_path, "right_lambdas.py", RIGHT))
    assert (variant.kind, variant.questions, variant.note) == ("right", ("double", "repair"), "by multiplication")


def test_what_cannot_be_recognised_says_why(tmp_path: Path) -> None:
    variant = read_variant(bank_file(tmp_path, "wrong_squared.py", WRONG))
    assert variant.unrecognisable == ""
    header = "# hint: What is double(3)?\n"
    silent = WRONG.replace(header, f"{header}# unrecognisable: It does not end.\n")
    variant = read_variant(bank_file(tmp_path, "wrong_silent.py", silent))
    assert (variant.misconception, variant.unrecognisable) == ("squared_for_doubled", "It does not end.")


def test_what_may_escape_says_why(tmp_path: Path) -> None:
    assert read_variant(bank_file(tmp_path, "wrong_squared.py", WRONG)).escapes == ""
    header = "# hint: What is double(3)?\n"
    lucky = WRONG.replace(header, f"{header}# escapes: Two is its own\n#   square's root.\n")
    assert read_variant(bank_file(tmp_path, "wrong_lucky.py", lucky)).escapes == "Two is its own square's root."


MISTAKES = [
    ("fast.py", RIGHT, "expected right_<name>.py or wrong_<name>.py"),
    ("wrong_x.py", WRONG.replace("# hint: What is double(3)?\n", ""), ":1: found no value for 'hint'"),
    ("wrong_x.py", WRONG.replace("hint: What is double(3)?", "hint:"), ":5: found no value for 'hint'"),
    ("wrong_x.py", WRONG.replace("# hint", "# hnt"), ":5: found the unknown key 'hnt' (did you mean 'hint'?)"),
    ("wrong_x.py", WRONG.replace("# hint", "# question"), ":5: found 'question' a second time"),
    ("wrong_x.py", WRONG.replace("squared_for_doubled", "Squared!"), ":2: found misconception 'Squared!'"),
    ("wrong_x.py", WRONG.replace("# question: double", "# question: double,"), ":1: found question ''"),
    ("wrong_x.py", WRONG.replace("# question: double", "# question: double, double"), "found a question twice"),
    ("wrong_x.py", WRONG.replace("return x * x", "return x *"), ":9: found code that is no Python"),
    ("wrong_x.py", "".join(WRONG.splitlines(keepends=True)[:5]), "found no code after the header"),
    ("wrong_x.py", "def double(x):\n    return x\n", ":1: found no value for 'question'"),
    ("right_x.py", WRONG, ":2: found the unknown key 'misconception'"),
    ("wrong_x.py", "", "found no value for 'question'"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES, ids=[m[2][-35:] for m in MISTAKES])
def test_a_mistake_gets_its_message(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = bank_file(tmp_path, name, text)
    with pytest.raises(VariantError) as caught:
        read_variant(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_an_unknown_question_is_refused_with_the_known_ones(small: Small) -> None:
    assignment = small()
    bank_file(assignment.bank_dir, "right_lambdas.py", RIGHT.replace("repair", "repare"))
    with pytest.raises(VariantError, match="'repare', expected one of 01_small: double, repair, quiz, essay"):
        read_bank(assignment)


@pytest.mark.parametrize(
    ("name", "text", "after"),
    [
        ("wrong_squared.py", WRONG, "double"),
        ("right_lambdas.py", RIGHT, "repair"),
        ("wrong_guess.py", WRONG.replace("question: double", "question: quiz"), "quiz_2"),
    ],
)
@pytest.mark.parametrize("make", [solution_notebook, starter_notebook])
def test_the_code_comes_right_after_the_last_blank(
    small: Small, tmp_path: Path, name: str, text: str, after: str, make: Callable[..., bytes]
) -> None:
    path = bank_file(tmp_path / "bank", name, text)
    before = make(read_master(small()))
    notebook = nbformat.reads(insert_variant(before, path).decode(), as_version=4)
    nbformat.validate(notebook)
    place = [cell.id for cell in notebook.cells].index(after) + 1
    assert notebook.cells[place].source == read_variant(path).code
    assert "nbgrader" not in notebook.cells[place].metadata
    del notebook.cells[place]
    assert notebook == nbformat.reads(before.decode(), as_version=4)


def test_a_notebook_without_the_blank_is_refused(small: Small, tmp_path: Path) -> None:
    document = json.loads(solution_notebook(read_master(small())))
    document["cells"] = [cell for cell in document["cells"] if cell["id"] != "double"]
    with pytest.raises(VariantError, match="no blank with the grade_id 'double'"):
        insert_variant(json.dumps(document).encode(), bank_file(tmp_path, "wrong_squared.py", WRONG))


def test_the_banks_of_this_repository_are_readable_and_large_enough() -> None:
    course = load_course(Path(__file__).parents[2])
    variants = [
        variant for name in ("03_separable", "04_distillation") for variant in read_bank(course.assignment(name))
    ]
    assert sum(variant.kind == "right" for variant in variants) >= 12
    assert sum(variant.kind == "wrong" for variant in variants) >= 25
