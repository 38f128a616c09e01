"""A small term, made as `make term` makes a large one: what it multiplies is what the commands find."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scale import ROOT
from benchmarks.term import run


@pytest.mark.long
def test_a_small_term(tmp_path: Path) -> None:
    samples = ROOT / "samples/s001"
    took = list(run([2, 70], "01_baseline", tmp_path, samples=samples, apply=True))
    assert [(one.students, one.said) for one in took] == [
        (2, "No grade of 2 submissions changes."),
        (70, "No grade of 70 submissions changes."),
        (2, "2 of 2 grades would change. Nothing is written: add --apply and --why."),
        (70, "70 of 70 grades would change. Nothing is written: add --apply and --why."),
        (2, "2 of 2 grades changed; each is an event in events.jsonl."),
        (70, "70 of 70 grades changed; each is an event in events.jsonl."),
    ]
    results = tmp_path / "results-70"
    assert len((results / "staff/events.jsonl").read_text().splitlines()) == 70
    assert len(list((results / "students/01_baseline").iterdir())) == 70
