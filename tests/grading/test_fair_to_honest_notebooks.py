"""The same work gets the same marks: what honest notebooks do beside their answers costs nothing, in a real sandbox."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import load_course
from autograder.grading.graded import GradedSubmission
from autograder.records import Evidence
from autograder.release.files import write_release
from autograder.release.starter import build_release

Grade = Callable[..., GradedSubmission]
GradeIn = Callable[[Path], AbstractContextManager[Grade]]

PROVIDED = """
# %% tags=["{tag}"] nbgrader={{"grade": false, "grade_id": "{id}", "locked": true, "solution": false}}
{code}

"""
SETUP = "import math\nimport operator\n\nSTART = 0"
GIVEN = "FACTOR = 1\n\n\ndef plus(a, b):\n    return FACTOR * operator.add(a, b)"
ADD = "def add(a, b):\n    return plus(a, b)"
TOTAL = (
    "def total(values):\n    result = START\n    for v in values:\n        result = add(result, v)\n    return result"
)
FULL = {"add": {"passed"}, "total": {"passed"}, "quiz": {"passed"}}
Change = tuple[str, str] | None  # type and source, or gone


@pytest.fixture(scope="module")
def root(tiny_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course with a setup cell and a provided function."""
    import shutil

    copy = Path(shutil.copytree(tiny_root, tmp_path_factory.mktemp("fair") / "course"))
    solution = copy / "solutions" / "tiny" / "solution.py"
    text = solution.read_text()
    first = text.index("# %% nbgrader")
    provided = PROVIDED.format(tag="setup", id="setup", code=SETUP)
    provided += PROVIDED.format(tag="given", id="given_plus", code=GIVEN)
    solution.write_text(text[:first] + provided + text[first:])
    config = copy / "course.yaml"  # a busy machine takes its time to import a library
    patient = config.read_text().replace("cell_seconds: 2", "cell_seconds: 30")
    config.write_text(patient.replace("submission_seconds: 20", "submission_seconds: 120"))
    write_release(build_release(load_course(copy).assignment("tiny")))
    return copy


@pytest.fixture
def grade(root: Path, grade_in: GradeIn) -> Iterator[Grade]:
    with grade_in(root) as run:
        yield run


@pytest.fixture
def hand_in(root: Path, grade: Grade) -> Callable[..., GradedSubmission]:
    """hand_in(grade_id=(type, source) or None, more=[sources]): the solved starter, changed, and cells at its end."""
    starter = json.loads(load_course(root).assignment("tiny").starter_path.read_bytes())

    def run(*more: str, **changes: Change) -> GradedSubmission:
        wanted: dict[str, Change] = {"add": ("code", ADD), "total": ("code", TOTAL), "quiz": ("code", 'quiz_1 = "b"')}
        wanted.update(changes)
        cells: list[dict[str, Any]] = []
        for cell in starter["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            change = wanted.get(grade_id, (cell["cell_type"], cell["source"]))
            if change is not None:
                cells.append({**cell, "cell_type": change[0], "source": change[1]})
        cells += [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in more]
        return grade(data=json.dumps({**starter, "cells": cells}).encode())

    return run


HandIn = Callable[..., GradedSubmission]


def statuses(graded: GradedSubmission) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for test in graded.evidence.tests:
        found[test.question].add(test.status.value)
    return dict(found)


def said(graded: GradedSubmission) -> str:
    return "\n".join(graded.evidence.notices)


# -- provided cells -------------------------------------------------------------------------------


def test_the_solved_starter_says_nothing_and_evidence_names_its_cells(hand_in: HandIn) -> None:
    graded = hand_in()
    assert statuses(graded) == FULL
    assert graded.evidence.notices == ()
    matched = {cell.grade_id: cell.questions for cell in graded.evidence.matched or ()}
    assert matched["add"] == ("add",)
    assert matched["setup"] == ()
    assert matched["essay"] == ("essay",)


@pytest.mark.parametrize(
    "changes",
    [
        {"given_plus": ("code", "FACTOR = 2\n\n\ndef plus(a, b):\n    return FACTOR * (a - b)")},
        {"given_plus": ("code", "raise RuntimeError('broken')")},
        {"given_plus": ("code", "def plus(a, b:")},
        {"setup": ("code", "import math\nSTART = 7")},
        {"setup": ("raw", "import math"), "given_plus": ("markdown", "plus")},
        {"setup": None, "given_plus": None},
    ],
)
def test_provided_cells_count_as_they_were_released(hand_in: HandIn, changes: dict[str, Change]) -> None:
    graded = hand_in(**changes)
    assert statuses(graded) == FULL
    assert "as it was released" in said(graded) or "the released code ran" in said(graded)
    indices = [cell.index for cell in graded.evidence.cells]
    assert indices == sorted(set(indices))  # nothing is told of cells that are not in the notebook
    assert max(indices) < 12


def test_what_was_added_to_a_provided_cell_is_there(hand_in: HandIn) -> None:
    setup = ("code", "import math\nimport operator\nimport functools\n\nSTART = 0\nFIRST = 5")
    graded = hand_in(
        setup=setup, total=("code", "def total(values):\n    return functools.reduce(plus, values, FIRST - 5)")
    )
    assert statuses(graded) == FULL


def test_an_exception_in_provided_code_is_shown_by_the_students_own_lines(hand_in: HandIn) -> None:
    graded = hand_in(given_plus=None, add=("code", "def add(a, b):\n    return plus(a, None)"))
    (trace,) = {test.traceback for test in graded.evidence.tests if test.question == "add"}
    assert trace is not None
    assert trace.exception == "TypeError"
    assert [line[2] for line in trace.lines] == ["return plus(a, None)"]


def test_a_blank_typed_anew_elsewhere_is_not_called_missing(hand_in: HandIn) -> None:
    graded = hand_in(ADD, add=None)
    assert statuses(graded) == FULL
    assert "not found" not in said(graded)


def test_full_points_and_not_found_never_stand_together(hand_in: HandIn) -> None:
    graded = hand_in("exec('def add(a, b):\\n    return a + b')", add=None)
    assert statuses(graded)["add"] == {"passed"}
    assert "not found" not in said(graded)
    assert "'add' was not found" in said(hand_in(add=None))


def test_evidence_of_an_earlier_version_loads(hand_in: HandIn) -> None:
    kept = json.loads(hand_in().evidence.model_dump_json())
    del kept["matched"]
    assert Evidence.model_validate(kept).matched is None


# -- names that are bound again -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (
            "add = add(1, 2)",
            "Cell 12 binds `add` again, to something that is no answer; the answer from cell 4 counted.",
        ),
        ("from operator import sub as add", "binds `add` again"),
        ("for add in range(3):\n    pass", "binds `add` again"),
        ("exec('add = None')", "binds `add` again"),
        ("del add", "binds `add` again"),
        ("for quiz_1 in 'xyz':\n    pass", "binds `quiz_1` again"),
        ("FACTOR = 7\nprint([FACTOR * x for x in range(3)])", "what was provided under this name counted"),
        ("START = 3\nplus = None", "what was provided under these names counted"),
        ("from numpy import *\nsum = sorted = int = None", "Python's own"),
    ],
)
def test_an_experiment_at_the_end_takes_no_answer_away(hand_in: HandIn, later: str, told: str) -> None:
    total = "def total(values):\n    return sum(sorted(values), start=int(START) * FACTOR)"
    graded = hand_in(later, total=("code", total))
    assert statuses(graded) == FULL
    assert told in said(graded)


@pytest.mark.parametrize(
    "later",
    [
        "add = lambda a, b: 3",
        "def add(a, b):\n    return 3",
        "import functools\nadd = functools.partial(lambda a, b, c: c, c=3)",
        "def better(a, b):\n    return 3\n\n\nif True:\n    add = better",
        "add: object = pow",
    ],
)
def test_an_answer_that_is_given_again_counts(hand_in: HandIn, later: str) -> None:
    graded = hand_in(later)
    assert statuses(graded)["add"] == {"failed"}
    assert "again" not in said(graded)


def test_a_value_that_is_given_again_counts(hand_in: HandIn) -> None:
    assert statuses(hand_in('quiz_1 = "b"', quiz=("code", 'quiz_1 = "a"')))["quiz"] == {"passed"}
    assert statuses(hand_in('quiz_1 = "a"'))["quiz"] == {"failed"}


def test_names_that_later_answers_use_keep_their_later_meaning(hand_in: HandIn) -> None:
    """`from time import time` above a function that calls `time()`: that function was written with it."""
    graded = hand_in(
        "from operator import sub as plus", "def total(values):\n    return -plus(0, sum(values))", total=None
    )
    assert statuses(graded)["total"] == {"passed"}
    assert "Cell 11 binds `plus` again, and later code uses it" in said(graded)


def test_an_untouched_blank_gives_way_to_any_answer_and_takes_nothing_from_one(hand_in: HandIn) -> None:
    blank = 'def add(a, b):\n    """The sum of two numbers."""\n    raise NotImplementedError'
    assert statuses(hand_in("from operator import add", add=("code", blank)))["add"] == {"passed"}
    assert statuses(hand_in(blank))["add"] == {"passed"}
    assert statuses(hand_in("import math\n" + ADD, blank, "quiz_1 = None", add=None)) == FULL


def test_what_is_put_back_is_put_back_in_a_replay_too(hand_in: HandIn) -> None:
    graded = hand_in("import os\nos._exit(0)", "add = add(1, 2)")
    assert statuses(graded) == FULL
    assert "`add`" in said(graded)


# -- what is not there: packages, GPUs ------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        "import no_such_package",
        "import math, no_such_package, operator",
        "from no_such_package.parts import part",
        "try:\n    import no_such_package\nexcept ValueError:\n    pass",
        "has_gpu = False\nassert has_gpu, 'switch to another runtime'",
        "cuda = False\nif not cuda:\n    raise RuntimeError('switch to a GPU')",
        "def fit():\n    raise AssertionError('Torch not compiled with CUDA enabled')\n\n\nfit()",
        "%%capture\n!pip install no_such_package\nimport no_such_package",
        "import no_such_package as nsp\nnsp.set_theme()\nwriter = nsp.Writer()\nwriter.add(1)",
        "from no_such_package import njit, Float\n\n\n@njit\ndef f(x: Float['b']) -> Float:\n    return x\n\n\nf(1)",
        "def fit():\n    raise RuntimeError('PyTorch is not linked with support for mps devices')\n\n\nfit()",
    ],
)
def test_what_is_missing_costs_nothing_that_does_not_use_it(hand_in: HandIn, first: str) -> None:
    total = f"{first}\nfrom functools import reduce\n\n\ndef total(values):\n    return reduce(add, values, 0)"
    graded = hand_in(setup=("code", f"{first}\n{SETUP}"), total=("code", total))
    assert statuses(graded) == FULL
    first_of_page = graded.evidence.notices[0]
    assert first_of_page.startswith("Cell 2")
    assert "no network" in first_of_page if "no_such_package" in first else "no GPU" in first_of_page


def test_decorators_and_annotations_that_are_not_there_cost_no_function(hand_in: HandIn) -> None:
    missing = "from no_such_package import Array, jit, njit"
    add = "@njit\n@jit(cache=True)\ndef add(a: Array['n'], b: Array) -> Array['n']:\n    return a + b"
    total = (
        "class Sum:\n    values: Array = ()\n\n    @njit\n    def of(self, values: Array):\n        return sum(values)"
        f"\n\n\n{TOTAL}"
    )
    graded = hand_in(setup=("code", f"{missing}\n{SETUP}"), add=("code", add), total=("code", total))
    assert statuses(graded) == FULL


def test_a_name_that_is_missing_for_another_reason_ends_its_cell(hand_in: HandIn) -> None:
    missing = "import no_such_package"
    graded = hand_in(total=("code", f"{missing}\nno_such_name\n{TOTAL}"))
    assert statuses(graded)["total"] == {"error"}
    graded = hand_in(total=("code", f"{missing}\nclass Sum(no_such_package.Sum):\n    pass\n{TOTAL}"))
    assert statuses(graded)["total"] == {"passed"}


def test_other_mistakes_end_their_cell(hand_in: HandIn) -> None:
    graded = hand_in(total=("code", f"1 / 0\n{TOTAL}"))
    assert statuses(graded)["total"] == {"error"}
    graded = hand_in(total=("code", f"assert 1 == 2\n{TOTAL}"))
    assert statuses(graded)["total"] == {"error"}


# -- settings of a whole process ------------------------------------------------------------------


def test_settings_left_behind_are_the_defaults_again_when_tests_begin(hand_in: HandIn) -> None:
    add = (
        "def add(a, b):\n    import decimal, os, sys, warnings\n    import numpy\n    warnings.warn('mine')\n"
        "    numpy.float64(1) / numpy.float64(0)\n    assert sys.getrecursionlimit() == LIMIT\n"
        "    assert decimal.getcontext().prec == 28 and os.getcwd() == HOME\n    return a + b * pow(1, 5)"
    )
    first = "import os, sys\nimport numpy\nLIMIT, HOME = sys.getrecursionlimit(), os.getcwd()"
    last = (
        "import builtins, decimal, os, sys, warnings\nwarnings.simplefilter('error')\nnumpy.seterr(all='raise')\n"
        "sys.setrecursionlimit(500)\ndecimal.getcontext().prec = 3\nos.chdir('/')\nbuiltins.pow = max"
    )
    graded = hand_in(last, add=("code", f"{first}\n\n\n{add}"))
    assert statuses(graded) == FULL, [test.traceback for test in graded.evidence.tests]


# scikit-learn is in every sandbox of this course, pandas in none that is a container
LATE = """def add(a, b):
    import sys
    import numpy, sklearn
    assert ("sklearn" in BEFORE) == ("sklearn" in sys.modules)
    assert numpy.geterr()["over"] == "warn" and sklearn.get_config()["assume_finite"] is False
    return a + b"""


def test_libraries_that_a_cell_imports_start_from_their_defaults_too(hand_in: HandIn) -> None:
    last = "import numpy, sklearn\nnumpy.seterr(all='raise')\nsklearn.set_config(assume_finite=True)"
    graded = hand_in(last, "import sys\nBEFORE = list(sys.modules)", add=("code", LATE))
    assert statuses(graded) == FULL, [test.traceback for test in graded.evidence.tests]
    in_setup = ("code", f"{last}\n{SETUP}")
    assert statuses(hand_in("BEFORE = ['sklearn']", setup=in_setup, add=("code", LATE))) == FULL


@pytest.mark.parametrize(
    "last",
    [
        "import builtins\nbuiltins.sum = lambda *given: 0\nbuiltins.print = builtins.all = None\nprint",
        "import random\nrandom.seed = random.random = None",
        "import numpy\nnumpy.random.seed = None",
    ],
)
def test_functions_that_a_notebook_replaces_are_not_those_that_grade_it(hand_in: HandIn, last: str) -> None:
    graded = hand_in(last, "1 + 1")
    assert statuses(graded) == FULL
    assert graded.evidence.flags == () or "builtins.all" in graded.evidence.flags[0]
    assert all(cell.status == "ok" for cell in graded.evidence.cells[-2:])


def test_cells_see_what_they_put_in_place_of_pythons_functions(hand_in: HandIn) -> None:
    graded = hand_in("import builtins\nbuiltins.sum = lambda *given: 0", "assert sum([1, 2]) == 0")
    assert graded.evidence.cells[-1].status == "ok"
    assert statuses(graded) == FULL


def test_who_takes_pythons_functions_away_is_told_so(hand_in: HandIn) -> None:
    """A provided cell stops for it, and nobody else is at fault."""
    check = ("code", "assert len([1]) == 1")
    graded = hand_in("import builtins\nbuiltins.len = builtins.sum = None", check[1])
    index = len(graded.evidence.cells) - 1
    [told] = [notice for notice in graded.evidence.notices if "Python's own" in notice]
    assert "puts something else in the place of Python's own `len`, `sum`, for all code" in told
    assert graded.evidence.cells[index].status == "error"
    assert statuses(graded) == FULL
    assert "Python's own" not in said(hand_in("import builtins\nbuiltins.sum = None", "1 + 1")), "nothing stopped"


def test_what_an_answer_sets_itself_holds(hand_in: HandIn) -> None:
    add = "def add(a, b):\n    import numpy\n    with numpy.errstate(all='raise'):\n        return a / numpy.float64(0)"
    assert statuses(hand_in(add=("code", add)))["add"] == {"error"}


# -- what cells leave at work ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "last",
    [
        "from multiprocessing import Pool\npool = Pool(2)\npool.map(abs, [1, 2])",
        "import os, signal\ndef gone(*_):\n    raise RuntimeError('a worker was killed')\n"
        "signal.signal(signal.SIGCHLD, gone)\nif os.fork() == 0:\n    signal.pause()",
        "from concurrent.futures import ProcessPoolExecutor\npool = ProcessPoolExecutor(2)\nlist(pool.map(abs, [1]))",
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
        "import signal\nsignal.signal(signal.SIGPROF, print)\nsignal.setitimer(signal.ITIMER_PROF, 0.01, 0.01)",
    ],
)
def test_workers_that_cells_leave_cost_nothing(hand_in: HandIn, last: str) -> None:
    graded = hand_in(last)
    assert graded.evidence.cells[-1].status == "ok", graded.evidence.cells[-1]
    assert statuses(graded) == FULL
    assert graded.evidence.flags == ()


# -- what one question's tests leave --------------------------------------------------------------

NEEDS = "def total(values):\n    if {not_ready}:\n        raise RuntimeError('not ready')\n    return sum(values)"


@pytest.mark.parametrize(
    ("first", "make_ready", "not_ready"),
    [
        ("ready = False", "globals().update(ready=True)", "not ready"),
        ("done = []", "done.append(1)", "not done"),
        ("class State:\n    ready = False", "State.ready = True", "not State.ready"),
        ("import functools", "add.called = True", "not hasattr(add, 'called')"),
        ("import os", "os.environ['READY'] = '1'", "'READY' not in os.environ"),
        ("import pathlib", "pathlib.Path('ready').touch()", "not pathlib.Path('ready').exists()"),
        ("import numpy", "numpy.seterr(all='raise')", "numpy.geterr()['over'] != 'raise'"),
    ],
)
def test_what_one_questions_tests_leave_helps_no_other(
    hand_in: HandIn, first: str, make_ready: str, not_ready: str
) -> None:
    """The same `total` gets the same verdict, whether `add` is right or wrong (the check calls add(1, 2) in a cell)."""
    total = ("code", NEEDS.format(not_ready=not_ready))
    for answer in ("a + b", "a - b"):
        add = f"{first}\n\n\ndef add(a, b):\n    if a != 1:\n        {make_ready}\n    return {answer}"
        assert statuses(hand_in(add=("code", add), total=total))["total"] == {"error"}


def test_what_one_questions_tests_leave_harms_no_other(hand_in: HandIn) -> None:
    add = "calls = []\n\n\ndef add(a, b):\n    calls.extend([1] * (a != 1))\n    return a + b"
    total = "def total(values):\n    return sum(values) if not calls else None"
    assert statuses(hand_in(add=("code", add), total=("code", total))) == FULL


# -- newer Python, GPUs in functions --------------------------------------------------------------


@pytest.mark.parametrize(
    "newer",
    [
        'def total(values):\n    label = f"{"a"}"\n    return sum(values)',
        "def total[T](values: list[T]) -> T:\n    return sum(values)",
        "type Numbers = list[int]\ndef total(values: Numbers):\n    return sum(values)",
        "def total(values):\n    try:\n        return sum(values)\n    except TypeError, ValueError:\n        return 0",
    ],
)
def test_syntax_of_a_newer_python_is_called_that(hand_in: HandIn, newer: str) -> None:
    try:
        compile(newer, "a cell", "exec")
    except SyntaxError:
        graded = hand_in(total=("code", newer))
        assert graded.evidence.notices[0].startswith("Cell 6, line ")
        assert f"no Python {sys.version_info[0]}.{sys.version_info[1]}" in said(graded)
    else:
        pytest.skip("this Python reads it")


def test_an_ordinary_syntax_error_is_not(hand_in: HandIn) -> None:
    assert said(hand_in(total=("code", "def total(values:\n    return sum(values)"))) == ""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise AssertionError('Torch not compiled with CUDA enabled')", "there is no GPU"),
        ("raise RuntimeError('No CUDA GPUs are available')", "there is no GPU"),
        ("import no_such_package", "is not there where notebooks are graded"),
        ("return bytes(1 << 40)", "asks for more memory than a submission may use"),
        ('raise RuntimeError("DefaultCPUAllocator: can\'t allocate memory")', "asks for more memory than"),
    ],
)
def test_what_a_function_misses_is_said(hand_in: HandIn, body: str, told: str) -> None:
    graded = hand_in(total=("code", f"def total(values):\n    {body}"))
    assert {test.status.value for test in graded.evidence.tests if test.question == "total"} == {"error"}
    assert all(told in test.message for test in graded.evidence.tests if test.question == "total")
