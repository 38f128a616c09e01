"""Sample submissions as the runner would hand them over, from the assignment 04_distillation."""

from __future__ import annotations

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from autograder.feedback import FeedbackOptions
from autograder.records import NOT_FILLED, CellOutcome, Outcome, Result, SandboxUse, StudentTraceback, TwinOutcome
from autograder.reports.index import render_index
from autograder.reports.options import IndexOptions

# Loaded by its path: under every import mode of pytest, wherever it is started.
_SPEC = importlib.util.spec_from_file_location("feedback_materials", Path(__file__).with_name("feedback_materials.py"))
sys.modules[_SPEC.name] = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(sys.modules[_SPEC.name])

from feedback_materials import (  # noqa: E402
    ATTENTION,
    ATTENTION_TITLES,
    BY_HAND,
    DUE,
    KL,
    KL_TITLES,
    MISSING_SQUARE,
    NOW,
    OURS,
    SECRET,
    WAITING,
    Sample,
    attention_twin,
    error,
    notebook,
    plain,
    result_of,
    standard_questions,
    tensor,
    test_of,
)


def all_samples() -> dict[str, Sample]:
    options = FeedbackOptions(
        course="Efficient and Robust ConvNets",
        opens_at=DUE,
        now=NOW,
        late_policy="10 % of the points earned for each day begun, after 15 minutes of grace.",
    )
    kl_passed, attention_passed = plain("kl_distillation", KL_TITLES), plain("attention", ATTENTION_TITLES)
    partly = standard_questions(
        [test_of("kl_distillation", "test_value", KL_TITLES[0], "failed", **MISSING_SQUARE), *kl_passed[1:]],
        [
            test_of(
                "attention",
                "test_map",
                ATTENTION_TITLES[0],
                "failed",
                message="Shape and dtype are right; 71 of 108 values differ.",
                hint="Square the features before you add over the channels.",
                twin=attention_twin(),
            ),
            test_of(
                "attention",
                "test_rows",
                "Rows are independent of each other.",
                "failed",
                message="The largest differences are in the second row.",
                twin=TwinOutcome(
                    shows="attention_rows(torch.eye(3))",
                    agrees=False,
                    expected=tensor([[0.5, 0.5, 0.0], [0.25, 0.5, 0.25], [0.0, 0.5, 0.5]], shape=(3, 3)),
                    found=tensor([[0.5, 0.5, 0.0], [1.25, 0.5, -1.0], [0.0, 0.5, 0.5]], shape=(3, 3)),
                ),
            ),
            attention_passed[1],
        ],
        manual=WAITING,
    )
    broken_cell = ATTENTION.replace("norm(dim=1)", "norm(dims=1)")
    raised = StudentTraceback(
        exception="TypeError",
        message="norm() got an unexpected keyword argument 'dims'",
        lines=((8, 4, "    return energy / energy.flatten(1).norm(dims=1)"),),
    )
    broken = standard_questions(
        [
            test_of(
                "kl_distillation",
                "test_value",
                KL_TITLES[0],
                "timeout",
                message="One call was stopped after 10 seconds; the course's own solution takes 0.01 seconds.",
                hint="Is there a loop over pairs, or one that never ends?",
            ),
            test_of(
                "kl_distillation",
                "test_memory",
                KL_TITLES[2],
                "error",
                message="It needed more than 2048 MB of memory and was stopped.",
            ),
            kl_passed[1],
        ],
        plain(
            "attention",
            ATTENTION_TITLES,
            "error",
            traceback=raised,
            hint="norm takes dim, as most functions of PyTorch do.",
        ),
        manual=BY_HAND,
    )
    blank = StudentTraceback(exception="NotImplementedError", lines=((6, 3, "    raise NotImplementedError"),))
    blank_cell = KL.split("    log_student")[0] + "    raise NotImplementedError"
    untouched = standard_questions(
        plain("kl_distillation", KL_TITLES, "error", traceback=blank, message=NOT_FILLED),
        plain("attention", ATTENTION_TITLES, "not_run", message="Not run, since kl_distillation does not work yet."),
        manual=WAITING,
    )
    perfect = standard_questions(
        kl_passed, attention_passed, manual=BY_HAND.model_copy(update={"score": 4.0, "comment": "Excellent."})
    )
    cells = (CellOutcome(index=9, status="skipped", reason="training is not repeated when graded"),)
    stopped = (*cells, CellOutcome(index=8, status="error", traceback=raised))
    late = {"received_at": DUE + timedelta(days=1, hours=2), "late_penalty": 2.6}
    quiet = FeedbackOptions(
        course=options.course, visibility={"soften": "never", "attention": "after_due"}, opens_at=DUE, now=DUE
    )
    return {
        "perfect": Sample(
            result_of(perfect, cells=cells), notebook(KL.replace("F.kl_div", "T * T * F.kl_div")), OURS, options
        ),
        "partly": Sample(
            result_of(
                partly,
                cells=cells,
                notices=("Two cells were not in the order of the starter; each was run where you left it.",),
            ),
            notebook(),
            OURS,
            options,
        ),
        "broken": Sample(
            result_of(broken, cells=stopped, **late),
            notebook(attention=broken_cell),
            {**OURS, 8: [error("TypeError", "norm() got …")]},
            options,
        ),
        "untouched": Sample(result_of(untouched, cells=cells), notebook(blank_cell), OURS, options),
        "closed": Sample(result_of(partly, cells=cells, late_penalty=1.0), notebook(), OURS, quiet),
        "ungradable": Sample(
            result_of(
                [],
                outcome=Outcome.UNGRADABLE,
                score=0.0,
                max_score=18.0,
                reason="homework.ipynb is not a notebook: it starts with “PK”, as a zip file does.",
            ),
            None,
            {},
            options,
        ),
        "not_graded": Sample(
            result_of(
                [],
                outcome=Outcome.NOT_GRADED,
                score=None,
                max_score=18.0,
                reason=SECRET,
                sandbox=SandboxUse(backend="none", unsafe=True),
            ),
            None,
            {},
            options,
        ),
    }


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    return all_samples()


@pytest.fixture(scope="session")
def class_results() -> list[Result]:
    return make_class()


def make_class() -> list[Result]:
    """Twenty-four submissions of one assignment, made of the samples."""
    kinds = [sample.result for sample in all_samples().values()]
    turns = [0, 1, 1, 3, 0, 2, 1, 0, 0, 1, 2, 5, 1, 0, 6, 1, 3, 0, 1, 0, 2, 0, 1, 0]
    return [kinds[k].model_copy(update={"subject": f"s-{1001 + i}"}) for i, k in enumerate(turns)]


@pytest.fixture(scope="session")
def index_page() -> str:
    return make_index()


def make_index() -> str:
    def link(result: Result) -> str:
        return f"submissions/{result.assignment}/{result.subject}/feedback.html"

    return render_index(
        make_class(), options=IndexOptions(course="Efficient and Robust ConvNets", link=link, made_at=NOW)
    )
