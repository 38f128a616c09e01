"""A lock holds predictions and reasons as they were, and the truth stays closed without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext
import pytest

from autograder.suite.reference import reference_namespace
from autograder.testing import Mismatch
from reference_models.graded_predictions import stands_as_locked
from reference_models.predictions import lock_of, opened, without_reason

ROOT = Path(__file__).resolve().parents[2]
REASONS = ("because of this", "and so on then", "by the third rule")


def test_a_lock_is_of_all_answers_and_reasons_in_their_order() -> None:
    lock = lock_of("abc", REASONS)
    assert lock == lock_of(("a", "b", " c "), [f" {reason}\n" for reason in REASONS])
    others = [lock_of("abd", REASONS), lock_of("bac", REASONS), lock_of("abc", REASONS[::-1]), lock_of("ab", REASONS)]
    assert len({lock, *others}) == 5


@pytest.mark.parametrize("odd", [None, 3, ["x"], "\ud800", "x" * 100_000])
def test_whatever_was_typed_has_a_lock(odd: Any) -> None:
    assert len(lock_of([odd], [odd])) == 8


def test_it_says_what_is_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert not opened("", "abc", ("because of this", "no idea", ""))
    assert "prediction 2, 3" in capsys.readouterr().out
    assert without_reason(REASONS) == []
    assert not opened("", "abc", REASONS)
    said = capsys.readouterr().out
    assert f'lock = "{lock_of("abc", REASONS)}"' in said
    assert "Yours was made for other" not in said
    assert not opened(lock_of("abc", REASONS), "abd", REASONS)
    assert "Yours was made for other predictions" in capsys.readouterr().out
    assert opened(f" {lock_of('abc', REASONS)}", "abc", REASONS)


@pytest.mark.parametrize("name", ["03_separable", "04_distillation", "05_robustness", "06_two_networks", "07_transfer"])
def test_the_cell_of_the_truth_shows_nothing_before(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    master = ROOT / "solutions" / name / "solution.py"
    names = reference_namespace(master, [ROOT / "reference_models"])
    cells = jupytext.read(master, fmt="py:percent").cells
    truth = next(c.source for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == "truth")
    capsys.readouterr()
    exec(truth, names)  # noqa: S102 - the course's own master
    shown = capsys.readouterr().out
    assert all(f"{number}: " in shown for number in (1, 2, 3))
    exec(truth, {**names, "lock": ""})  # noqa: S102
    closed = capsys.readouterr().out
    assert closed.startswith("Put lock = ")
    assert "1: " not in closed


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "solutions").iterdir()))
def test_no_other_cell_tells_the_truth_before(name: str) -> None:
    """What prints the outcome of a prediction asks for the lock first."""
    cells = jupytext.read(ROOT / "solutions" / name / "solution.py", fmt="py:percent").cells
    grade_ids = [c.metadata.get("nbgrader", {}).get("grade_id", "") for c in cells]
    assert any(id.startswith("predict_") and id.endswith("_1") for id in grade_ids), "reasons and lock"
    telling = [c.source for c in cells if c.cell_type == "code" and 'f"prediction ' in c.source]
    for source in telling:
        before = source[: source.index('f"prediction ')]
        assert "opened(lock," in before
    assert telling or "truth" in grade_ids


class Notebook:
    """What `stands_as_locked` asks of a student's notebook, answered from a dictionary."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        return name in self.values

    def value(self, name: str) -> Any:
        return self.values[name]


def notebook(predictions: str, reasons: tuple[str, ...], lock: str) -> Any:
    numbered = {f"predict_{number}": answer for number, answer in enumerate(predictions, start=1)}
    numbered |= {f"reason_{number}": reason for number, reason in enumerate(reasons, start=1)}
    return Notebook(**numbered, lock=lock)


def test_what_stands_as_it_was_locked_passes_and_so_does_what_asks_for_no_lock() -> None:
    stands_as_locked(notebook("abc", REASONS, lock_of("abc", REASONS)), 3)
    stands_as_locked(Notebook(), 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("predictions", "reasons", "lock", "said"),
    [
        ("abd", REASONS, lock_of("abc", REASONS), "changed after they were locked"),
        ("abc", (*REASONS[:2], "by another rule"), lock_of("abc", REASONS), "changed after they were locked"),
        ("abc", REASONS, "", "were not locked"),
        ("abc", ("because of this", "no idea", ""), lock_of("abc", REASONS), "were not locked, each with a reason"),
    ],
)
def test_what_was_changed_or_never_locked_is_told(
    predictions: str, reasons: tuple[str, ...], lock: str, said: str
) -> None:
    with pytest.raises(Mismatch, match=said):
        stands_as_locked(notebook(predictions, reasons, lock), 3)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "solutions").iterdir()))
def test_the_text_names_the_cell_that_prints_the_lock(name: str) -> None:
    cells = jupytext.read(ROOT / "solutions" / name / "solution.py", fmt="py:percent").cells
    place = next(n for n, c in enumerate(cells) if c.metadata.get("nbgrader", {}).get("grade_id") == "lock_text")
    assert "The check cell below prints your **lock**" in cells[place].source
    below = next(cell for cell in cells[place:] if "check" in cell.metadata.get("tags", []))
    assert "opened(lock, " in below.source
