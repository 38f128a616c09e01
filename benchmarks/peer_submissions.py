"""The ten submissions of the peer comparison, and the same twelve checks in three tools' forms.

One list of checks is the single source: it becomes nbgrader test cells and otter test files. Our
own form is `peer_course/solutions/blocks/hidden_tests.py`; `peers.py` compares all scores, so that
a check which differs between the tools would be seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import nbformat
from nbformat.v4 import new_code_cell, new_notebook


@dataclass(frozen=True)
class Check:
    question: str
    name: str
    body: str  # uses the student's function by its name, and torch


CHECKS = tuple(
    Check(question, name, dedent(body).strip())
    for question, name, body in (
        (
            "standardise",
            "mean",
            "assert torch.allclose(standardise(torch.randn(64, 5)).mean(0), torch.zeros(5), atol=1e-5)",
        ),
        (
            "standardise",
            "deviation",
            "assert torch.allclose(standardise(torch.randn(64, 5)).std(0, unbiased=False), torch.ones(5), atol=1e-4)",
        ),
        (
            "standardise",
            "values",
            """
            x = 3 * torch.randn(17, 4) + 2
            assert torch.allclose(standardise(x), (x - x.mean(0)) / x.std(0, unbiased=False), atol=1e-5)
            """,
        ),
        (
            "softmax_loss",
            "loss",
            """
            logits, labels = torch.randn(32, 10), torch.randint(10, (32,))
            want = torch.nn.functional.cross_entropy(logits, labels)
            assert torch.allclose(softmax_loss(logits, labels), want, atol=1e-5)
            """,
        ),
        (
            "softmax_loss",
            "stable",
            """
            logits = torch.tensor([[1000.0, 0.0], [0.0, -1000.0]])
            assert torch.allclose(softmax_loss(logits, torch.tensor([1, 0])), torch.tensor(500.0), atol=1e-3)
            """,
        ),
        (
            "softmax_loss",
            "single",
            """
            logits, labels = torch.randn(1, 3), torch.randint(3, (1,))
            want = torch.nn.functional.cross_entropy(logits, labels)
            assert torch.allclose(softmax_loss(logits, labels), want, atol=1e-5)
            """,
        ),
        (
            "conv_block",
            "parameters",
            "assert sum(p.numel() for p in conv_block(3, 8).parameters()) == 3 * 8 * 9 + 8 + 2 * 8",
        ),
        ("conv_block", "shape", "assert tuple(conv_block(3, 8, 2)(torch.randn(2, 3, 16, 12)).shape) == (2, 8, 8, 6)"),
        (
            "conv_block",
            "relu",
            """
            out = conv_block(3, 8)(torch.randn(4, 3, 16, 16))
            assert out.min() == 0
            assert 0.3 < (out == 0).float().mean() < 0.7
            """,
        ),
        (
            "accuracy",
            "accuracy",
            """
            logits = torch.randn(50, 10)  # most labels fit, so that no other formula comes to the same by chance
            labels = torch.where(torch.rand(50) < 0.6, logits.argmax(1), torch.randint(10, (50,)))
            assert abs(accuracy(logits, labels) - (logits.argmax(1) == labels).float().mean().item()) < 1e-6
            """,
        ),
        ("accuracy", "float", "assert type(accuracy(torch.randn(4, 3), torch.randint(3, (4,)))) is float"),
        ("accuracy", "perfect", "assert accuracy(torch.eye(7), torch.arange(7)) == 1.0"),
    )
)

# What goes wrong in each of the ten: replacements in the solution's text.
MISTAKES: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("x.std(0, unbiased=False)", "x.std(0)"),),
    (("torch.logsumexp(logits, 1)", "logits.exp().sum(1).log()"),),
    (("nn.ReLU()", "nn.Identity()"),),
    ((".float().mean().item()", ".float().mean()"),),
    (("3, stride, 1)", "3, stride, 1, bias=False)"),),
    (("return (x - x.mean(0))", "return (x - x.mean())"), ("logits.argmax(1)", "logits.argmin(1)")),
    (("    return (torch.logsumexp", "    raise NotImplementedError\n    return (torch.logsumexp"),),
    (("[:, 0]).mean()", "[:, 0]).sum()"),),
    (),
)


def solved_cells(master: Path) -> list[tuple[str, str]]:
    """(grade_id, source) of the master's code cells, solution markers taken out."""
    import jupytext

    book = jupytext.read(master, fmt="py:percent")
    lines = lambda text: [line for line in text.splitlines() if "### BEGIN" not in line and "### END" not in line]  # noqa: E731
    return [
        (c.metadata["nbgrader"]["grade_id"], "\n".join(lines(c.source))) for c in book.cells if c.cell_type == "code"
    ]


def submissions(master: Path) -> list[str]:
    """The ten notebooks as JSON text, without any tool's metadata but the cells' grade_id."""
    made = []
    for number, mistakes in enumerate(MISTAKES):
        cells = []
        for grade_id, source in solved_cells(master):
            for old, new in mistakes:
                if not grade_id.startswith("check"):
                    source = source.replace(old, new)
            cells.append((grade_id, source))
        assert not mistakes or any(new in source for _, new in mistakes for _, source in cells), (
            f"mistake {number} not applied"
        )
        made.append(json.dumps([{"grade_id": g, "source": s} for g, s in cells]))
    return made


def plain_notebook(cells_json: str) -> nbformat.NotebookNode:
    """A notebook as a student would hand it in to otter or to this grader."""
    cells = [
        new_code_cell(c["source"], id=f"cell-{i}", metadata=_metadata(c["grade_id"]))
        for i, c in enumerate(json.loads(cells_json))
    ]
    return new_notebook(cells=cells, metadata=_kernel())


def nbgrader_notebook(cells_json: str, *, source: bool) -> nbformat.NotebookNode:
    """The same as an nbgrader source (`source=True`: hidden tests inside) or submitted notebook."""
    cells = []
    for i, c in enumerate(json.loads(cells_json)):
        grade_id = c["grade_id"]
        if grade_id.startswith("check_"):
            continue
        cells.append(new_code_cell(c["source"], id=f"cell-{i}", metadata=_metadata(grade_id)))
        for check in (x for x in CHECKS if x.question == grade_id):
            body = f"### BEGIN HIDDEN TESTS\n{check.body}\n### END HIDDEN TESTS" if source else ""
            meta = _grading(f"{grade_id}_{check.name}", grade=True, solution=False, locked=True, points=1)
            cells.append(new_code_cell(body, id=f"{grade_id}-{check.name}", metadata={"nbgrader": meta}))
    return new_notebook(cells=cells, metadata=_kernel())


def otter_tests(folder: Path) -> None:
    """Write one otter test file for each question into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for question in dict.fromkeys(check.question for check in CHECKS):
        lines = [
            "from otter.test_files import test_case",
            "",
            "OK_FORMAT = False",
            f"name = {question!r}",
            "points = None",
            "",
        ]
        for check in (c for c in CHECKS if c.question == question):
            lines += [
                "@test_case(points=1, hidden=True)",
                f"def test_{check.name}({question}):",
                "    import torch",
                indent(check.body, "    "),
                "",
            ]
        (folder / f"{question}.py").write_text("\n".join(lines))


def _grading(
    grade_id: str, *, grade: bool, solution: bool, locked: bool, points: int | None = None
) -> dict[str, object]:
    found: dict[str, object] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    if points is not None:
        found["points"] = points
    return found


def _metadata(grade_id: str) -> dict[str, object]:
    solution = grade_id in {check.question for check in CHECKS}
    return {"nbgrader": _grading(grade_id, grade=False, solution=solution, locked=not solution)}


def _kernel() -> dict[str, object]:
    return {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
