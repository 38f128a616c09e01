"""`given` in grading: an earlier error is paid for once, and nothing else is excused by it."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.records import TestStatus

REFERENCE = """
import torch
from torch.nn import functional as F
def kl(s, t, T):
    return T * T * F.kl_div((s / T).log_softmax(-1), (t / T).softmax(-1), reduction="batchmean")
def loss(s, t, y, T, alpha):
    return alpha * kl(s, t, T) + (1 - alpha) * F.cross_entropy(s, y)
"""
GIVEN = '''
@question("loss", builds_on=["kl"])
def test_mix(student, rng):
    """alpha weighs the teacher."""
    s, t, y = rng.normal(8, 10), rng.normal(8, 10), rng.labels(8, 10)
    close(
        student.loss(s, t, y, 4.0, 0.9),
        given(
            lambda f: 0.9 * f.kl(s, t, 4.0) + 0.1 * F.cross_entropy(s, y),
            wrong=[lambda f: 0.1 * f.kl(s, t, 4.0) + 0.9 * F.cross_entropy(s, y), lambda f: 0.9 * f.kl(s, t, 4.0)],
        ),
    )

@question("kl")
def test_kl(student, reference, rng):
    """The divergence."""
    s, t = rng.normal(8, 10), rng.normal(8, 10)
    close(student.kl(s, t, 4.0), reference.kl(s, t, 4.0))
'''
NO_SQUARE = REFERENCE.replace("T * T *", "T *")


def verdicts(outcomes: list[Any]) -> dict[str, str]:
    return {outcome.question: str(outcome.status) for outcome in outcomes}


def test_a_right_answer_carries_nothing(grade: Any) -> None:
    outcomes = grade(GIVEN, REFERENCE, REFERENCE)
    assert verdicts(outcomes) == {"kl": "passed", "loss": "passed"}
    assert [outcome.question for outcome in outcomes] == ["kl", "loss"], "earlier questions first"
    assert not any(outcome.carried_forward for outcome in outcomes)


def test_an_earlier_error_is_paid_for_once(grade: Any) -> None:
    outcomes = grade(GIVEN, REFERENCE, NO_SQUARE)
    assert verdicts(outcomes) == {"kl": "failed", "loss": "passed"}
    assert outcomes[1].carried_forward


def test_an_own_error_beside_an_earlier_one_still_fails(grade: Any) -> None:
    swapped = NO_SQUARE.replace("alpha * kl", "(1 - alpha) * kl").replace("+ (1 - alpha) *", "+ alpha *")
    assert verdicts(grade(GIVEN, REFERENCE, swapped)) == {"kl": "failed", "loss": "failed"}


def test_a_draw_in_which_a_mistake_cannot_be_seen_costs_an_earlier_error_nothing(grade: Any) -> None:
    """The cross-entropy with other labels is a mistake; here the labels are the same."""
    same = GIVEN.replace("wrong=[", "wrong=[lambda f: 0.9 * f.kl(s, t, 4.0) + 0.1 * F.cross_entropy(s, y.clone()), ")
    outcomes = grade(same, REFERENCE, NO_SQUARE)
    assert verdicts(outcomes) == {"kl": "failed", "loss": "passed"}
    assert outcomes[1].carried_forward


def test_an_own_error_with_a_right_earlier_function_fails(grade: Any) -> None:
    wrong = REFERENCE.replace("alpha * kl(s, t, T) +", "alpha * kl(s, t, 1.0) +")
    outcomes = grade(GIVEN, REFERENCE, wrong)
    assert verdicts(outcomes) == {"kl": "passed", "loss": "failed"}
    assert "values differ" in outcomes[1].message


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("torch.tensor(0.5)", "same answer for different inputs"),
        ("(s - t).sum() * float('nan')", "NaN"),
        ("(s - t).sum() / 0", "infinite"),
        ("None", "gives no number or tensor"),
    ],
)
def test_constants_that_agree_with_each_other_do_not_pass(grade: Any, body: str, why: str) -> None:
    cell = f"""
import torch
from torch.nn import functional as F
def kl(s, t, T): return {body}
def loss(s, t, y, T, alpha): return alpha * (kl(s, t, T) or torch.tensor(0.1)) + (1 - alpha) * F.cross_entropy(s, y)
"""
    outcomes = grade(GIVEN, REFERENCE, cell)
    assert verdicts(outcomes) == {"kl": "failed" if body else "", "loss": "not_run"} or outcomes[1].status == "failed"
    if outcomes[1].status == TestStatus.NOT_RUN:
        assert why in outcomes[1].message


def test_a_missing_earlier_blank_makes_the_later_test_not_run(grade: Any) -> None:
    blank = REFERENCE.replace("    return T * T", "    raise NotImplementedError\n    return T * T")
    outcomes = grade(GIVEN, REFERENCE, blank)
    assert verdicts(outcomes) == {"kl": "error", "loss": "not_run"}
    assert "question `kl`" in outcomes[1].message
    deleted = REFERENCE[: REFERENCE.index("def kl")] + REFERENCE[REFERENCE.index("def loss") :]
    assert verdicts(grade(GIVEN, REFERENCE, deleted)) == {"kl": "error", "loss": "not_run"}


def test_an_own_exception_is_not_blamed_on_the_earlier_question(grade: Any) -> None:
    both = REFERENCE.replace("    return T * T", "    raise NotImplementedError\n    return T * T").replace(
        "    return alpha", "    raise NotImplementedError\n    return alpha"
    )
    assert verdicts(grade(GIVEN, REFERENCE, both)) == {"kl": "error", "loss": "error"}
