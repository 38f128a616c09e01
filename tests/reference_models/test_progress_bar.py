"""The line that says how far a training is: for those who watch, gone at the end, never in a file."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from reference_models.progress_bar import line, with_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)


def test_the_line_says_how_long_it_takes() -> None:
    assert line("student", 2, 8, 30.0) == "student [=====...............] 2 of 8, 30 s, about 1 min 30 s left"
    assert line("student", 0, 8, 0.0) == "student [....................] 0 of 8, 0 s"
    assert line("student", 8, 8, 61.0) == "student [====================] 8 of 8, 1 min 01 s"


def test_a_file_gets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(with_bar(range(3), "student")) == [0, 1, 2]
    assert capsys.readouterr().out == ""


def test_a_terminal_sees_the_rounds_and_is_left_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert list(with_bar("ab", "student")) == ["a", "b"]
    lines = terminal.getvalue().split("\r\x1b[2K")
    assert ["1 of 2" in text for text in lines] == [False, False, True, False]
    assert lines[-1] == ""


def test_a_loop_that_is_left_leaves_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    rounds = with_bar(range(5), "student")
    next(rounds)
    rounds.close()
    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_a_notebook_keeps_one_output_that_ends_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            shown.append(data["text/plain"])

    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    import IPython.display

    monkeypatch.setattr(IPython.display, "display", lambda data, raw, display_id: Handle())
    assert list(with_bar(range(2), "student")) == [0, 1]
    assert [text[:7] for text in shown] == ["student", "student", ""]


def test_nothing_to_do_is_nothing_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert list(with_bar([], "student")) == []
    assert terminal.getvalue() == ""
