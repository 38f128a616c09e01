"""Each hostile submission gets its verdict, and the next one in its slot the score it deserves."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.timeout(900)
def test_score_is_never_above_the_honest_part(bank, case):
    result = bank.result(case.name)
    assert result["outcome"] in ("graded", "ungradable"), result["reason"]
    assert result["score"] <= case.at_most, {q["id"]: q["score"] for q in result["questions"]}


def test_honest_part_keeps_its_points(bank, case):
    if not case.gradable:
        pytest.skip("this submission destroys its own process; losing its own points is its verdict")
    scores = {question["id"]: question["score"] for question in bank.result(case.name)["questions"]}
    assert {name: scores[name] for name in case.honest} == dict.fromkeys(case.honest, 3.0)


def test_next_submission_in_the_slot_is_unaffected(bank, case):
    result = bank.result(f"{case.name}-next")
    assert (result["outcome"], result["score"]) == ("graded", 12.0), result["reason"]


def test_nothing_forbidden_was_found_or_is_shown(bank, case):
    executed = (bank.folder(case.name) / "executed.ipynb").read_text()
    assert not re.search(r"FOUND \[[^\]]", executed), re.search(r"FOUND .{0,400}", executed).group()
    feedback = (bank.folder(case.name) / "feedback.html").read_text()
    for word in case.never:
        assert word not in own_source_removed(feedback, case)


def own_source_removed(page: str, case) -> str:
    """The page without the student's own lines, which it may of course show."""
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    for cell in case.cells:
        for line in cell.splitlines():
            if line.strip():
                text = text.replace(line.strip(), "")
    return text


def test_no_canary_anywhere_in_what_was_written(bank):
    for path in (bank.root / "results").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for canary in bank.canaries:
                assert canary.encode() not in data, path


def test_searches_really_ran(bank):
    """The canary tests mean something only if the searching code ran, in cells and in calls."""
    executed = (bank.folder("read_memory") / "executed.ipynb").read_text()
    assert "FOUND []" in executed
    errors = [test for test in bank.evidence("read_memory")["tests"] if test["question"] == "softmax_loss"]
    assert {test["traceback"]["exception"] for test in errors} == {"RuntimeError"}


def test_grader_ended_well_and_left_nothing_on_the_host(bank):
    assert bank.status in (0, 1), bank.output[-2000:]
    assert "Traceback" not in bank.output
    assert bank.leftovers == []


def test_every_group_of_attacks_is_represented():
    numbers = {
        int(number)
        for path in (HERE / "cases").glob("*.py")
        for number in re.search(r"^# attacks: (.*)$", path.read_text(), re.MULTILINE).group(1).split(",")
    }
    groups = [range(1, 12), range(12, 25), range(25, 33), range(33, 43), range(43, 50), range(50, 53)]
    assert all(numbers & set(group) for group in groups)
    assert len(list((HERE / "cases").glob("*.py"))) >= 20
