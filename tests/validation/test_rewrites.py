"""Other words for the same code compute the same, and what becomes of a mistake in other words is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from autograder import records
from autograder.commands.validate import command
from autograder.records import Evidence, Outcome, SubmissionInfo, TestStatus
from autograder.validation.cases import Case
from autograder.validation.rewrite_verdicts import judge_rewrites
from autograder.validation.rewrites import REWRITERS, rewritten
from autograder.workers.messages import Graded
from autograder.workers.pool import Done

CODE = '''
import torch
from torch.nn import functional as F

def loss(logits, labels, *, scale=2.0 ** 0):
    """The mean loss."""
    largest = torch.amax(logits, dim=1, keepdim=True)
    count = len(labels)
    shifted = logits - largest
    total = torch.zeros(())
    for row, label in zip(shifted, labels):
        part = row.exp().sum().log() - row[label]
        total = total + part * scale
    if count > 100:
        count = 100
    return total / count

def spread(values):
    mean = values.mean()
    square = (values - mean) ** 2
    away = values ** 2
    return square.sum() / values.numel(), -away, [v * 2 for v in values.tolist() if v < 1]

class Head(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        weight = torch.ones(width)
        self.weight = weight

    def forward(self, x):
        scores = F.softmax(x @ self.weight[:, None], dim=0)
        return scores.squeeze(1), self.scaled(x, factor=3)

    @staticmethod
    def scaled(x, factor):
        def inner(x, power=1):
            factor_ = x * factor
            return factor_ ** power
        return inner(x)
'''


def answers(code: str) -> list[Any]:
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the test's own
    x = torch.linspace(-2.0, 3.0, 12).reshape(4, 3)
    y = torch.tensor([0, 2, 1, 1])
    squared, away, doubled = names["spread"](x[0])
    scores, scaled = names["Head"](3)(x)
    return [names["loss"](x, y), names["loss"](x, y, scale=0.5), squared, away, torch.tensor(doubled), scores, scaled]


def test_every_form_computes_the_same() -> None:
    forms = dict(rewritten(CODE))
    assert set(forms) == {*REWRITERS, "all together"}
    expected = answers(CODE)
    for code in forms.values():
        for got, want in zip(answers(code), expected, strict=True):
            torch.testing.assert_close(got, want)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("other names", "y = x.y\n    return f(y=y)", "my_y = x.y\n    return f(y=my_y)"),
        ("other names", "for i in x: s = i\n    return s", "for my_i in x: my_s = my_i\n    return my_s"),
        ("another order", "a = x + 1\n    b = x * 2\n    return a, b", "b = x * 2\n    a = x + 1\n    return a, b"),
        ("operators as functions", "return x + 1", "return __import__('operator').add(x, 1)"),
        ("functions as methods", "return torch.exp(x + 1)", "return (x + 1).exp()"),
        ("methods as functions", "return x.exp()", "return __import__('torch').exp(x)"),
        ("comparisons turned", "return x < 1", "return 1 > x"),
        ("equal formulas", "return x ** 2", "return (x * x)"),
    ],
)
def test_what_each_rewriter_does(name: str, before: str, after: str) -> None:
    head = "def f(x):\n    "
    assert " ".join(REWRITERS[name](head + before + "\n").split()) == " ".join((head + after).split())


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("other names", "x = x + 1; return x"),  # a parameter, which tests may name
        ("other names", "global y; y = x"),
        ("another order", "a = x.pop()\n    b = x.pop()"),  # what has an effect stays in order
        ("another order", "a = x + 1\n    b = a * 2"),
        ("another order", "a = x\n    a = 2"),
        ("another order", "b = a(x)\n    x = 2"),
        ("another order", "x[0] = 1\n    x[1] = 2"),
        ("functions as methods", "return torch.exp([1])"),
        ("functions as methods", "return np.exp(x)"),
        ("comparisons turned", "return 0 < x < 1"),
        ("equal formulas", "return -1"),
    ],
)
def test_what_would_change_the_meaning_is_left_alone(name: str, body: str) -> None:
    source = f"def f(x):\n    {body}\n"
    assert REWRITERS[name](source) == source


def form(misconceptions: Mapping[str, str], status: str, recognised: str = "") -> str:
    """The fate of one graded form."""
    case = Case("rewrite", "wrong_x, other names", b"", ("add",), misconceptions)
    test = records.TestOutcome(question="add", name="test_add", title="t", status=TestStatus(status))
    found = (records.Misconception(question="add", id=recognised, sentence="s"),) if recognised else ()
    evidence = Evidence(
        assignment="tiny", submission=SubmissionInfo(subject="x", notebook_sha256="0" * 64), outcome=Outcome.GRADED,
        tests=(test,), misconceptions=found, graded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    graded = Graded(key=case.name, evidence=evidence, outputs={}, call_seconds={})
    return judge_rewrites([(case, Done(case.job(), graded, "", 0.1))]).forms[0].fate


def test_the_fate_of_a_form() -> None:
    wrong = {"add": "minus"}
    assert form(wrong, "failed", "minus") == "kept"
    assert form(wrong, "failed", "plus") == "misnamed"
    assert form(wrong, "failed") == "lost"
    assert form(wrong, "passed") == "cured"
    assert form({}, "passed") == "accepted"
    assert form({}, "failed") == "refused"
    assert form({}, "failed", "minus") == "misnamed"


def test_the_tiny_bank_keeps_its_names(tiny_root: Path) -> None:
    options = ["--no-mutants", "--seeds", "1", "--threads", "1", "--jobs", "2", "--draws", "0", "--rewrites", "--json"]
    done = CliRunner().invoke(command, ["--course", str(tiny_root), *options])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)[0]["rewrites"]
    assert found["listed"] == []
    assert found["counts"]["kept"] >= 1
    assert found["counts"]["accepted"] >= 1


def test_a_form_with_a_false_name_is_off(copy_course: Callable[[], Path]) -> None:
    """A right answer that looks like a mistake: the test is too strict, and a variant is declared wrong for it."""
    root = copy_course()
    tests, bank = root / "solutions/tiny/hidden_tests.py", root / "solutions/tiny/bank"
    strict = "    assert student.add(a, b) == a + b\n    assert student.add(True, b) == 1 + b\n"
    tests.write_text(tests.read_text().replace("    assert student.add(a, b) == a + b\n", strict, 1))
    header = "# question: add\n# misconception: {0}\n# sentence: This is {0}.\n# hint: Think.\n"
    typed = "def add(a, b):\n    return a - b if type(a) is bool else a + b\n"
    (bank / "wrong_typed.py").write_text(header.format("typed") + typed)
    # the same answers, but for a name of a local variable
    renamed = "'my_answer' in add.__code__.co_varnames"
    named = f"def add(a, b):\n    answer = a + b\n    return a - b if {renamed} and type(a) is bool else answer\n"
    (bank / "right_named.py").write_text("# question: add\n# note: renamed it is another\n" + named)
    options = ["--no-mutants", "--seeds", "1", "--threads", "1", "--jobs", "2", "--draws", "0", "--rewrites"]
    done = CliRunner().invoke(command, ["--course", str(root), *options])
    assert done.exit_code == 1
    assert "right_named, other names: add: expected no name, found typed" in done.output
