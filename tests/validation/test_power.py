"""A wrong variant that only some hidden inputs show is found out, and listed where it must be so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.commands import progress
from autograder.commands.validate import command
from autograder.course.course import Assignment
from autograder.release.starter import read_master, solution_notebook, starter_notebook
from autograder.validation.cases import Case, cases
from autograder.validation.power import Power, lucky, powers

WRONG = Case("wrong", "wrong_x", b"", ("add",))
OPTIONS = ["--no-mutants", "--seeds", "1", "--threads", "1", "--jobs", "2"]


def test_power_counts_the_draws_in_which_a_test_failed() -> None:
    (power,) = powers(WRONG, {"add": ("test_b", "", "test_a", "test_b")})
    assert power == Power("wrong_x", "add", 4, 3, {"test_b": 2, "test_a": 1})
    assert not power.sure
    assert list(power.by) == ["test_b", "test_a"]


@pytest.mark.parametrize(
    ("power", "wanted", "said"),
    [
        (Power("x", "add", 20, 20, {}), 20, ""),
        (
            Power("x", "add", 20, 19, {}),
            20,
            "add: expected to be caught whatever the hidden inputs are, found 19 of 20",
        ),
        (Power("x", "add", 20, 19, {}, "Zero is zero."), 20, ""),
        (Power("x", "add", 7, 7, {}), 20, "add: expected 20 draws of hidden inputs, found time for 7"),
        (Power("x", "add", 7, 7, {}, "Zero is zero."), 20, "add: expected 20 draws of hidden inputs, found time for 7"),
    ],
)
def test_what_luck_decides_is_off_unless_it_is_explained(power: Power, wanted: int, said: str) -> None:
    message = lucky(power, wanted)
    assert message.startswith(said) if said else message == ""


def variant(name: str, body: str, *header: str) -> str:
    lines = ["question: add", f"misconception: {name}", f"sentence: This is {name}.", "hint: Think.", *header]
    return "".join(f"# {line}\n" for line in lines) + f"def add(a, b):\n    {body}\n"


@pytest.mark.long
def test_variants_are_drawn_again_in_the_real_sandbox(copy_course: Callable[[], Path], tmp_path: Path) -> None:
    root = copy_course()
    tests, bank = root / "solutions/tiny/hidden_tests.py", root / "solutions/tiny/bank"
    text = tests.read_text().replace("def test_add(student, a, b):", "def test_add(student, rng, a, b):")
    tests.write_text(
        text.replace("    assert student.add(a, b)", "    a = a * rng.integer(0, 3)\n    assert student.add(a, b)")
    )
    (bank / "wrong_lucky.py").write_text(variant("lucky", "return a + b + (a == 0 and b != 0)"))
    (bank / "wrong_known.py").write_text(
        variant("known", "return a + b + 2 * (a == 0 and b != 0)", "escapes: It is rare.")
    )
    hang = variant("hang", "while a or b: pass", "unrecognisable: It does not end.")
    (bank / "wrong_hang.py").write_text(hang)
    options = ["--course", str(root), "--output", str(tmp_path / "out"), *OPTIONS, "--draws", "12"]
    done = CliRunner().invoke(command, options)
    found = json.loads((tmp_path / "out/tiny/validate.json").read_text())
    power = {row["variant"]: row for row in found["power"]}
    assert set(power) == {"wrong_lucky", "wrong_known", "wrong_minus", "wrong_first", "wrong_quiz"}  # no wrong_hang
    assert {row["draws"] for row in power.values()} == {12}
    assert {row["caught"] for name, row in power.items() if name in ("wrong_minus", "wrong_first", "wrong_quiz")} == {
        12
    }
    for name in ("wrong_lucky", "wrong_known"):
        assert 0 < power[name]["caught"] < 12  # a third of 24 numbers is 0
        assert set(power[name]["by"]) <= {"test_add[2-5]", "test_add[-7-3]"}
    assert f"found {power['wrong_lucky']['caught']} of 12 draws" in done.output
    assert "wrong_known: add: expected to be caught" not in done.output
    assert "It is rare." in done.output
    page = (tmp_path / "out/tiny/validate.html").read_text().split("Power of the tests</h2>")[1]
    assert f"{power['wrong_known']['caught']} of 12" in page
    assert "It is rare." in page


def test_no_draws_are_made_where_none_are_wanted(tiny_root: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--course", str(tiny_root), "--json", *OPTIONS, "--draws", "0"])
    assert json.loads(done.stdout)[0]["power"] == []


def test_only_wrong_variants_are_drawn_again_and_each_once(tiny: Assignment) -> None:
    master = read_master(tiny)
    made = cases(tiny, solution_notebook(master), starter_notebook(master), bank_seeds=2, draws=5)
    assert {case.name: case.focus.drawn for case in made if case.focus.draws} == {
        "wrong_first": ("total",),
        "wrong_minus": ("add",),
        "wrong_quiz": ("quiz",),
    }


def test_a_long_command_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    assert list(progress.told("ab", 2, "tiny, notebooks")) == ["a", "b"]
    assert capsys.readouterr().err == "tiny, notebooks: 1 of 2\ntiny, notebooks: 2 of 2\n"
