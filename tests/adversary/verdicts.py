"""Each hostile submission gets its verdict, and the next one in its slot the score it deserves.

A file for each sandbox (`test_in_...`) has these tests: files are what `make test` hands to its workers, and a run of
the bank takes minutes, most of them waiting for limits that must strike.
"""

from __future__ import annotations

import re

import pytest
from bank import CASES, MAX_SCORE, POINTS, Case, Run, shown_text

from autograder.results.attempts import OUTPUTS
from tests.kept import bytes_of

OUTPUT_BYTES = 4 << 20  # of a file about one submission whose outputs may have one million, escaped as JSON


@pytest.mark.timeout(1500)
def test_score_is_never_above_the_honest_part(bank: Run, case: Case) -> None:
    result = bank.result(case.name)
    expected = ("graded", "ungradable") if case.outcome == "either" or not case.gradable else (case.outcome,)
    assert result["outcome"] in expected, result["reason"]
    assert result["score"] <= case.at_most, {q["id"]: q["score"] for q in result["questions"]}
    if result["outcome"] == "ungradable":
        assert result["score"] == 0
        assert result["reason"]


def test_honest_part_keeps_its_points(bank: Run, case: Case) -> None:
    if not case.gradable or case.outcome != "graded":
        pytest.skip("this submission destroys its own process or cannot be read; losing its own points is its verdict")
    scores = {question["id"]: question["score"] for question in bank.result(case.name)["questions"]}
    assert {name: scores[name] for name in case.honest} == dict.fromkeys(case.honest, POINTS)


def test_what_is_kept_of_its_outputs_is_within_the_limit(bank: Run, case: Case) -> None:
    if case.outcome == "graded":
        assert len(bank.kept(case.name, OUTPUTS)) <= OUTPUT_BYTES
        assert (bank.folder(case.name) / "result.json").stat().st_size <= OUTPUT_BYTES


def test_next_submission_in_the_slot_is_unaffected(bank: Run, case: Case) -> None:
    result = bank.result(f"{case.name}_next")
    assert (result["outcome"], result["score"]) == ("graded", MAX_SCORE), result["reason"]
    assert result["flags"] == [], "an honest submission must not be suspected"


def test_nothing_forbidden_was_found_or_is_shown(bank: Run, case: Case) -> None:
    assert bank.sandbox in case.seen_in or not bank.found(case), bank.found(case)
    page = bank.page(case.name).read_text()
    text = shown_text(page, case)
    for word in case.never:
        assert word not in text
    for word in case.never_raw:
        assert word not in page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kill_grader", "reaches for other processes"),
        ("read_callers", "reaches for frames of callers"),
        ("keyrings", "reaches for calls of the kernel"),
        ("write_descriptors", "broke the protocol"),
    ],
)
def test_what_is_tried_openly_raises_a_flag(bank: Run, name: str, said: str) -> None:
    flags = bank.result(name)["flags"]
    assert any(said in flag for flag in flags), flags
    page = bank.page(name).read_text()
    assert not any(flag in page for flag in flags), "flags are for a person of the staff"


def test_no_canary_anywhere_in_what_was_written(bank: Run) -> None:
    for path in (bank.root / "results").rglob("*"):
        if path.is_file():
            data = bytes_of(path)
            for canary in bank.canaries:
                assert canary.encode() not in data, path


def test_searches_really_ran(bank: Run) -> None:
    """The canary tests mean something only if the searching code ran, in cells and in calls."""
    silent = {}
    for case in CASES:
        searching = [cell for cell in case.cells if re.search(r'^print\("FOUND"', cell, re.MULTILINE)]
        if searching and case.gradable and bank.sandbox not in case.seen_in:
            said = bank.kept(case.name, OUTPUTS)
            if b"FOUND []" not in said:
                silent[case.name] = said[-1000:]
    assert silent == {}
    errors = [test for test in bank.evidence("read_memory")["tests"] if test["question"] == "softmax_loss"]
    assert {test["traceback"]["exception"] for test in errors} == {"RuntimeError"}


def test_nothing_was_unpickled(bank: Run) -> None:
    assert not list((bank.root / "submitted").rglob("unpickled"))


def test_grader_ended_well_and_left_nothing_on_the_host(bank: Run) -> None:
    assert bank.status in (0, 1), bank.output[-2000:]
    assert "Traceback" not in bank.output
    assert "\x1b" not in bank.output, "a name or a message reached the terminal as it came"
    assert bank.leftovers == []
