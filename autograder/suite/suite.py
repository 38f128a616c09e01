"""Hidden tests, collected once and run for submission after submission.

Theory of operation. `pytest.main` costs about 200 ms, most of it start-up and collection, so the suite is
collected once in a process and stays open: the session that pytest made is kept, and `run` runs
each collected item through pytest's own set-up, call and tear-down hooks, about 0.2 ms a test. Nothing of
the surroundings is loaded: no ini file, no conftest, no plugin from an entry point or the environment
(a submission's folder could hold them). Assertions are left plain: introspection would format hidden values.
No report is made either, because making one renders tracebacks; an exception becomes a `TestOutcome` directly.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from _pytest import config as pytest_config
from _pytest.main import Session

from autograder.course.course import Assignment
from autograder.records import InputsMet, TestOutcome, TestStatus
from autograder.sandbox.interface import SandboxFault
from autograder.suite.course_imports import forget_other_courses, importing_from
from autograder.suite.outcomes import is_ours, judge, not_started, partly_passed
from autograder.suite.overtime import interruptible
from autograder.suite.plugin import HiddenTests, read_info
from autograder.suite.prerequisites import Prerequisites
from autograder.suite.reference import ReferenceFailed, has_variant_cell, reference_namespace
from autograder.suite.second import Second
from autograder.testing.carry import PutOff
from autograder.testing.forks import Forks
from autograder.testing.inputs import NAME as INPUTS
from autograder.testing.inputs import Declared, read_declared
from autograder.testing.questions import TestInfo
from autograder.testing.randomness import derive_seed, seed_trusted
from autograder.testing.running import RunningTest, running
from autograder.testing.session import TestSession

OPTIONS = (
    "--assert=plain",
    "--import-mode=importlib",
    "--strict-markers",
    "--noconftest",
    "--disable-plugin-autoload",
    "--capture=no",
    "--config-file=/dev/null",
    *(f"-p{'no:' + name}" for name in ("cacheprovider", "terminal", "junitxml", "logging", "pastebin", "doctest")),
    *(
        f"-p{'no:' + name}"
        for name in ("unraisableexception", "threadexception", "faulthandler", "stepwise", "debugging")
    ),
)


class SuiteError(Exception):
    """The hidden tests cannot be used. `problems`: one message a mistake, with file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class _Item:
    test: pytest.Function
    info: TestInfo


class Suite:
    """Collected hidden tests. Close it, or use it as a context manager, when the process is done with it."""

    def __init__(
        self,
        items: list[_Item],
        config: pytest.Config,
        session: pytest.Session,
        reference: dict[str, Any],
        probe_source: str,
    ) -> None:
        self.reference = reference  # the solution's namespace: never leaves this process
        self.probe_source = probe_source  # public helper code that runs beside student code
        self._items = items
        self._config = config
        self._session = session
        self._builds_on = _builds_on([item.info for item in items])
        self.root: Path | None = None  # of the course, from which tests may import while they run
        self.inputs: Declared = {}
        self.folders: tuple[Path, ...] = ()  # of public modules, from which they may, too
        self.flags: tuple[str, ...] = ()
        self.put_off: dict[str, tuple[PutOff, ...]] = {}

    @property
    def tests(self) -> tuple[TestInfo, ...]:
        """Return the tests in the order in which they run: a question's after those of the questions it builds on."""
        return tuple(item.info for item in self._items)

    def run(
        self,
        session: TestSession,
        only: Collection[str] | None = None,
        first_failure: bool = False,
        broke_before: bool = False,
    ) -> list[TestOutcome]:
        """Run the tests, or those named in `only`, for one submission. SandboxFault passes through.

        What breaks in the engine while a test runs is a SandboxFault, too, but where this submission
        `broke_before`, in another process: then it comes from what is in it, and the test has failed.

        `flags` holds afterwards what a person should look at, `put_off` for each failed test the checks that may
        still be decided otherwise (`second`). With `first_failure` the first test that does not pass is the last that
        runs.
        """
        prerequisites = Prerequisites(self._builds_on)
        forks = Forks(session)
        outcomes: list[TestOutcome] = []
        flags: list[str] = []
        self.put_off = {}
        try:
            for item in self._items:
                if only is not None and item.info.name not in only:
                    continue
                outcome, raised = self._run_one(item, forks, prerequisites, broke_before)
                outcomes.append(outcome)
                flags += raised
                if first_failure and outcome.status is not TestStatus.PASSED:
                    break
        finally:
            forks.end()
        self.flags = tuple(flags)
        return outcomes

    def second(
        self, outcomes: Mapping[str, TestOutcome], put_off: Mapping[str, Sequence[PutOff]], *, twins: bool = True
    ) -> Second:
        """Return what a second student process may still find out about these outcomes of one submission."""
        return Second(self.tests, self._builds_on, outcomes, put_off, twins=twins)

    def declared_inputs(self) -> Any:
        """Return what the module of the tests says of their inputs; None if it says nothing."""
        return getattr(self._items[0].test.module, INPUTS, None)

    def inputs_met(self, met: Mapping[str, Mapping[str, tuple[str, ...]]]) -> tuple[InputsMet, ...]:
        """Return what was sent beside what is declared. met: question -> argument -> words that hold."""
        return tuple(
            InputsMet(
                question=question,
                argument=argument,
                wanted=self.inputs.get(question, {}).get(argument, ()),
                met=met.get(question, {}).get(argument, ()),
            )
            for question in dict.fromkeys((*self.inputs, *met))
            for argument in dict.fromkeys((*self.inputs.get(question, {}), *met.get(question, {})))
        )

    def close(self) -> None:
        """Tear down what wider fixtures hold, and pytest's configuration."""
        self._session._setupstate.teardown_exact(None)
        self._config._ensure_unconfigure()

    def __enter__(self) -> Suite:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _run_one(
        self, item: _Item, forks: Forks, prerequisites: Prerequisites, broke_before: bool
    ) -> tuple[TestOutcome, list[str]]:
        session = forks.session
        if reason := session.blocked(item.info.question):
            return not_started(item.info, reason), []
        started = time.monotonic()
        test = RunningTest(forks, item.info.question, item.info.name)
        seed_trusted(derive_seed(session.seed_key, session.notebook_sha256, item.info.name, "trusted"))
        forks.begin(item.info.question)
        with running(test), nullcontext() if self.root is None else importing_from(self.root, *self.folders):
            error = _run_item(item.test, session)
        if error is not None and is_ours(error) and not broke_before:
            raise SandboxFault(f"the grader itself failed: {type(error).__name__}: {error}") from error
        if test.put_off and (error is None or isinstance(error, AssertionError)):
            self.put_off[item.info.name] = tuple(test.put_off) if error is None else ()
            error = test.put_off[0].mismatch
        judged = judge(item.info, error, session, prerequisites, seconds=time.monotonic() - started)
        outcome = judged.outcome
        if outcome.status == TestStatus.PASSED and test.only_claims:
            outcome = outcome.model_copy(update={"forbids": True})  # it counts beside a test that asked for a number
        if test.measured is not None:
            outcome = outcome.model_copy(update={"measured": test.measured})
        if test.credit is not None and outcome.status == TestStatus.PASSED:
            outcome = partly_passed(outcome, test.credit)
        if test.praise and outcome.status == TestStatus.PASSED:
            outcome = outcome.model_copy(update={"message": test.praise})
        forks.settle(passed=outcome.status == TestStatus.PASSED)
        if outcome.status == TestStatus.TIMEOUT:
            session.timed_out(item.info.question)
        return outcome, [flag for flag in (judged.flag, *test.flags) if flag]


def collect(assignment: Assignment) -> Suite:
    """Collect an assignment's hidden tests, with its reference and probes.

    Raises SuiteError for what `collect_file` refuses, for a test of a question that course.yaml does not name or
    does not grade by tests, and for a solution that raises.
    """
    folders = list(dict.fromkeys(path.parent for path in assignment.public_paths if path.suffix == ".py"))
    forget_other_courses([assignment.root, *folders])
    try:
        reference = reference_namespace(assignment.solution_path, folders)
    except (ReferenceFailed, OSError) as error:
        raise SuiteError([f"{assignment.solution_path}: {error}"]) from error
    probes = assignment.probes_path.read_text("utf-8") if assignment.probes_path.is_file() else ""
    with importing_from(assignment.root):
        suite = collect_file(assignment.hidden_tests_path, reference, probes)
    suite.root, suite.folders = assignment.root, tuple(folders)
    kinds = {question.id: question.kind for question in assignment.questions}
    problems = []
    if any(test.personal for test in suite.tests) and not has_variant_cell(assignment.solution_path):
        problems.append(
            f"{assignment.hidden_tests_path}: a test asks for `variant`, and {assignment.solution_path.name} has no "
            'cell with tags=["variant"]'
        )
    for test in suite.tests:
        for name in (test.question, *test.builds_on):
            if name not in kinds:
                problems.append(
                    f"{assignment.hidden_tests_path}: {test.name} names question `{name}`, "
                    f"expected one of {', '.join(kinds)}"
                )
        if kinds.get(test.question) == "artifact" and test.builds_on:
            # `not_run` takes an artifact's question out of the denominator: only missing data may do that
            problems.append(
                f"{assignment.hidden_tests_path}: {test.name} of the artifact `{test.question}` builds on "
                f"{', '.join(test.builds_on)}; expected no builds_on there"
            )
        if kinds.get(test.question) == "manual":
            problems.append(f"{assignment.hidden_tests_path}: {test.name} tests `{test.question}`, graded by hand")
    asked = [name for name, kind in kinds.items() if kind == "tests" and name in {t.question for t in suite.tests}]
    suite.inputs, found = read_declared(suite.declared_inputs(), asked)
    problems += [f"{assignment.hidden_tests_path}: {problem}" for problem in found]
    if problems:
        suite.close()
        raise SuiteError(problems)
    return suite


def collect_file(path: Path, reference: dict[str, Any] | None = None, probe_source: str = "") -> Suite:
    """Collect the hidden tests in the file `path`.

    Raises SuiteError if the file cannot be imported, holds no tests, a test names no question or has
    no docstring, two have one name, questions build on each other in a circle, or a fixture wider than one
    test touches the student.
    """
    if not path.is_file():
        raise SuiteError([f"{path}: there is no such file of hidden tests"])
    plugin = HiddenTests()
    # pytest would take a module of this name from the assignment that was collected before
    sys.modules.pop(path.stem, None)
    with _own_environment():
        # without --confcutdir pytest lists the folders above, up to the root, however many files lie there
        folders = (f"--rootdir={path.parent}", f"--confcutdir={path.parent}")
        config = pytest_config._prepareconfig([*OPTIONS, *folders, str(path)], [plugin])
    config._do_configure()
    session = Session.from_config(config)
    config.hook.pytest_sessionstart(session=session)
    try:
        session.perform_collect()
    except pytest.UsageError as error:
        plugin.problems.append(f"{path}: {error}")
    items, problems = _read_items(session, list(plugin.problems))
    problems += _only_forbidding(path, [item.info for item in items])
    if not items and not problems:
        problems.append(f"{path}: there are no tests in it")
    if not problems:
        try:
            return Suite(_in_order(items), config, session, reference or {}, probe_source)
        except CycleError as error:
            problems.append(f"{path}: questions build on each other in a circle: {' -> '.join(error.args[1])}")
    config._ensure_unconfigure()
    raise SuiteError(problems)


def _read_items(session: pytest.Session, problems: list[str]) -> tuple[list[_Item], list[str]]:
    items, names = [], set()
    for test in session.items:
        if not isinstance(test, pytest.Function):
            problems.append(f"{test.nodeid}: hidden tests are functions")
            continue
        info, found = read_info(test)
        problems += found
        if info is None:
            continue
        if info.name in names:
            problems.append(f"{test.nodeid}: there are two tests with this name")
        names.add(info.name)
        items.append(_Item(test, info))
    return items, problems


def _only_forbidding(path: Path, tests: list[TestInfo]) -> list[str]:
    """Return a message for each question that no blank could earn, because each of its tests waits for another to
    pass.
    """
    earnable = {info.question for info in tests if not info.forbids}
    forbidding = dict.fromkeys(info.question for info in tests if info.question not in earnable)
    return [
        f"{path}: every test of `{question}` is marked forbids=True, expected one that only a right answer passes"
        for question in forbidding
    ]


def _builds_on(tests: list[TestInfo]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for info in tests:
        found.setdefault(info.question, set()).update(set(info.builds_on) - {info.question})
    return found


def _in_order(items: list[_Item]) -> list[_Item]:
    """Return earlier questions first, else as written. Raises CycleError."""
    order = {name: place for place, name in enumerate(dict.fromkeys(item.info.question for item in items))}
    sorter = TopologicalSorter(_builds_on([item.info for item in items]))
    sorter.prepare()
    ranks: dict[str, int] = {}
    while sorter.is_active():
        for name in sorted(sorter.get_ready(), key=lambda name: order.get(name, len(order))):
            ranks[name] = len(ranks)
            sorter.done(name)
    return sorted(items, key=lambda item: ranks[item.info.question])


def _run_item(test: pytest.Function, session: TestSession) -> BaseException | None:
    """Set up, call, tear down; the first exception, or None. SandboxFault and ends of the process pass through."""
    test._initrequest()
    error: BaseException | None = None
    try:
        interruptible(lambda: _set_up_and_call(test), lambda: session.seconds_left)
    except (SandboxFault, KeyboardInterrupt, SystemExit):
        raise
    except (Exception, pytest.fail.Exception, pytest.skip.Exception) as raised:  # noqa: BLE001 - becomes the outcome
        error = raised
    finally:
        test.session._setupstate.teardown_exact(None)
        test._request = None  # type: ignore[assignment]
        test.funcargs = {}
    return error


def _set_up_and_call(test: pytest.Function) -> None:
    test.ihook.pytest_runtest_setup(item=test)
    test.ihook.pytest_runtest_call(item=test)


@contextmanager
def _own_environment() -> Iterator[None]:
    """Take away the variables through which pytest takes options and plugins."""
    taken = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)
