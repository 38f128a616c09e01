"""Tests that came from nbgrader or otter-grader: what generated hidden tests call, one method for each form of test.

Each runs at one of two levels, which the import chose (docs/decisions/imported-tests-run-at-two-levels.md):

    trusted   in this process; the student's functions are called by proxy and variables come as data. The verdict is
              this process's own and cannot be forged
    beside    in a fork of the student process, which could read the test and forge the verdict

Where a trusted test fails, it is tried beside, too. One that passes there only is no more worth, but raises a flag:
the answer is of a kind that the trusted process cannot judge, or the student's code answers for the test.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import inspect
import io
import math
import numbers
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal

from autograder.records import NOT_FILLED
from autograder.sandbox.inside.shell.stand_ins import standing_in
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout
from autograder.sandbox.student import StudentError
from autograder.testing.kinds import Mismatch
from autograder.testing.legacy_beside import PROBE
from autograder.testing.legacy_names import Names
from autograder.testing.proxy import MissingName
from autograder.testing.remote import Remote
from autograder.testing.running import RunningTest, current

Level = Literal["trusted", "beside"]
Form = Literal["cell", "examples", "function"]
EXECUTION = "NBGRADER_EXECUTION"
FILE = "hidden_tests.py, an imported test"  # how its lines are called in tracebacks
_WRONG = "The answer is not the expected one."
_RAISED = "The test ended with an exception: does the cell's code run, and does it define what the text asks for?"


class ImportedTests:
    """The imported tests of one assignment.

    provided: names that came with the assignment, so that they are the reference's and not the student's. copies:
    whether a test that runs beside the student's code gets a copy of its names, as otter gives it. first: code that
    tests share: what one of them imports or defines, and a later one uses. asked: of the provided names those that
    students have to import themselves: the module is the reference's, and the notebook must have the name. seed: what
    generators here and there are seeded with before each test, as otter does before each cell.
    """

    def __init__(
        self,
        provided: Collection[str] = (),
        *,
        copies: bool = False,
        first: str = "",
        asked: Collection[str] = (),
        seed: int | None = None,
    ) -> None:
        self._seed = seed
        self._provided = frozenset(provided)
        self._asked = frozenset(asked)
        self._copies = copies
        self._first = first
        self._shared: dict[str, Any] | None = None

    def _of_tests(self, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what `first` defines, beside the reference; statements that fail are left out."""
        if self._shared is None:
            space = dict(reference)
            for statement in ast.parse(self._first).body:
                with contextlib.suppress(Exception):
                    exec(compile(ast.Module([statement], []), FILE, "exec"), space)  # noqa: S102 - the course's own
            self._shared = {name: value for name, value in space.items() if name not in reference}
        return self._shared

    def cell(self, level: Level, source: str, *, points: float = 0.0) -> None:
        """Run nbgrader's test cell: it fails where it raises, and a number at its end is the points it gives."""
        self._run(level, "cell", source, "", points)

    def examples(self, level: Level, source: str, *, success: str = "", failure: str = "") -> None:
        """Run a doctest of otter's: each `>>>` must print what stands below it."""
        self._run(level, "examples", source, "", 0.0, success, failure)

    def function(self, level: Level, source: str, name: str, *, success: str = "", failure: str = "") -> None:
        """Call otter's test function `name`, which fails where it raises. Its parameters name what it gets."""
        self._run(level, "function", source, name, 0.0, success, failure)

    def _run(
        self, level: Level, form: Form, source: str, name: str, points: float, success: str = "", failure: str = ""
    ) -> None:
        test = current()
        test.praise = success
        if self._seed is not None:
            test.seed_with(self._seed)
        try:
            given = (
                self._beside(test, form, source, name) if level == "beside" else self._trusted(test, form, source, name)
            )
        except Exception as error:
            asked = level == "trusted" and not test.may_run_again and not _untouched(error)
            if asked and self._passes_beside(test, form, source, name):
                test.flags.append(
                    f"{test.test}: fails in the trusted process and passes beside student code: look at it"
                )
            if failure and isinstance(error, AssertionError):
                raise Mismatch(failure, f"{type(error).__name__}: {error}"[:1000]) from error
            raise
        if given is not None and points > 0:
            if not 0 <= given <= points:
                raise Mismatch(_WRONG, f"the cell gave {given}, expected 0 to its {points:g} points")
            test.credit = given / points

    def _trusted(self, test: RunningTest, form: Form, source: str, name: str) -> float | None:
        with contextlib.redirect_stdout(io.StringIO()), standing_in(), _as_nbgrader():
            own = self._of_tests(test.session.reference)
            given = FORMS[form](source, name, Names(test, self._provided, own, self._asked))
        test.raise_if_lost()  # a test that expects any exception would take the end of the process for one
        return given

    def _beside(self, test: RunningTest, form: Form, source: str, name: str) -> float | None:
        test.start_afresh()
        found = Remote(test).probe(PROBE).judge(form, source, name, self._copies)
        if type(found) is not list or [type(part) for part in found[:3]] != [bool, str, str] or len(found) != 4:
            raise Mismatch(_WRONG, "what ran beside the student's code gave no verdict")
        passed, kind, message, given = found
        if not passed:
            public = NOT_FILLED if kind == "NotImplementedError" else _WRONG if kind == "AssertionError" else _RAISED
            raise Mismatch(public, f"{kind}: {message}")
        if given is not None and (type(given) is not float or math.isnan(given)):
            raise Mismatch(_WRONG, "the cell gave no number of points")
        return given

    def _passes_beside(self, test: RunningTest, form: Form, source: str, name: str) -> bool:
        try:
            self._beside(test, form, source, name)
        except (Mismatch, StudentError, ChannelClosed, ChannelTimeout):
            return False
        return True


@contextlib.contextmanager
def _as_nbgrader() -> Iterator[None]:
    """Let the environment say, for the block, what nbgrader's says while it grades."""
    before = os.environ.get(EXECUTION)
    os.environ[EXECUTION] = "autograde"
    try:
        yield
    finally:
        os.environ.pop(EXECUTION)
        if before is not None:
            os.environ[EXECUTION] = before


def _untouched(error: Exception) -> bool:
    return isinstance(error, MissingName | ChannelClosed | ChannelTimeout) or (
        isinstance(error, StudentError) and error.type == "NotImplementedError"
    )


def _cell(source: str, _: str, names: Names) -> float | None:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, FILE, "exec", dont_inherit=True), names)  # noqa: S102 - the course's own test
    if not isinstance(last, ast.Expr):
        return None
    value = eval(compile(ast.Expression(last.value), FILE, "eval", dont_inherit=True), names)  # noqa: S307 - the same
    if isinstance(value, numbers.Number) and not isinstance(value, bool) and not source.rstrip().endswith(";"):
        return float(value)  # type: ignore[arg-type]
    return None


def _examples(source: str, _: str, names: Names) -> None:
    checker = doctest.OutputChecker()
    for example in doctest.DocTestParser().get_examples(source):
        said, raised = io.StringIO(), None
        shown, sys.displayhook = sys.displayhook, _show
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(example.source, FILE, "single", dont_inherit=True), names)  # noqa: S102 - the same
        except Exception as error:
            if example.exc_msg is None:
                raise
            raised = error
        finally:
            sys.displayhook = shown
        if raised is not None:
            found, wanted = f"{type(raised).__name__}: {raised}\n", example.exc_msg or ""
        else:
            found, wanted = said.getvalue(), example.want
        if not checker.check_output(wanted, found, 0):
            raise Mismatch(_WRONG, f"{example.source.strip()[:300]}: found {found[:300]!r}, expected {wanted[:300]!r}")


def _show(value: Any) -> None:
    if value is not None:
        print(repr(value))


def _function(source: str, name: str, names: Names) -> None:
    exec(compile(source, FILE, "exec", dont_inherit=True), names)  # noqa: S102 - the same
    call = names[name]
    call(**{wanted: _or_none(names, wanted) for wanted in inspect.signature(call).parameters})


def _or_none(names: Names, name: str) -> Any:
    """Return what a name stands for, and None where nothing does: so otter hands it to a test."""
    try:
        return names[name]
    except (KeyError, MissingName):
        return None


FORMS: dict[str, Callable[[str, str, Names], float | None]] = {
    "cell": _cell,
    "examples": _examples,
    "function": _function,
}
