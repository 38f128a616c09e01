"""The pytest plugin: fixtures of hidden tests, and the checks that a suite must pass when it is collected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autograder.testing.artifacts import Artifacts
from autograder.testing.carry import Reference
from autograder.testing.proxy import StudentProxy
from autograder.testing.questions import MARKER, TestInfo, first_sentence
from autograder.testing.randomness import Rng, derive_seed
from autograder.testing.remote import Remote
from autograder.testing.running import current

PER_TEST = {"student", "remote", "rng", "reference", "artifact", "variant"}


class HiddenTests:
    """Registered for one collection."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers",
            f"{MARKER}(id, builds_on, weight, twin, forbids, all_or_nothing, at): the question a test belongs to",
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(str(report.longrepr))

    @pytest.fixture
    def student(self) -> StudentProxy:
        """Return the student's notebook: names to call. Function-scoped: every test has a student process of
        its own.
        """
        return StudentProxy(current())

    @pytest.fixture
    def remote(self) -> Remote:
        """Make models, loaders, optimizers and generators in the student process."""
        return Remote(current())

    @pytest.fixture
    def artifact(self) -> Artifacts:
        """Return files handed in beside the notebook, e.g. trained weights."""
        return Artifacts(current())

    @pytest.fixture
    def reference(self) -> Reference:
        """Return the solution's names. What it computes stays in the trusted process."""
        return Reference(current().session.reference)

    @pytest.fixture
    def variant(self) -> str:
        """Return the code of the student's personal variant: expected values follow from it."""
        return current().session.variant

    @pytest.fixture
    def rng(self) -> Rng:
        """Draw hidden inputs, seeded by the course's secret, the notebook and the test."""
        test = current()
        return Rng(derive_seed(test.session.seed_key, test.session.notebook_sha256, test.test))


def read_info(item: pytest.Function) -> tuple[TestInfo | None, list[str]]:
    """Return what a collected test says of itself, or what is wrong with it."""
    place = f"{item.path.name}:{item.location[1] + 1 if item.location[1] is not None else '?'}: {item.name}"
    marks = list(item.iter_markers(MARKER))
    if len(marks) != 1:
        return None, [f'{place}: needs exactly one @question("id"), found {len(marks)}']
    problems = [f"{place}: {problem}" for problem in _scope_problems(item)]
    docstring = item.obj.__doc__ or ""
    if not docstring.strip():
        problems.append(f"{place}: needs a docstring; it is what students read when the test fails")
    mark: Any = marks[0]
    info = TestInfo(
        name=item.name,
        question=mark.args[0],
        builds_on=mark.kwargs["builds_on"],
        weight=mark.kwargs["weight"],
        forbids=mark.kwargs["forbids"],
        all_or_nothing=mark.kwargs["all_or_nothing"],
        at=mark.kwargs["at"],
        title=first_sentence(docstring),
        twin=mark.kwargs["twin"],
        personal="variant" in item.fixturenames,
    )
    return info, problems


def _scope_problems(item: pytest.Function) -> Iterator[str]:
    """Tell of fixtures that outlive a test and touch what belongs to one test of one submission."""
    for name, definitions in item._fixtureinfo.name2fixturedefs.items():
        for definition in definitions:
            touched = PER_TEST & set(definition.argnames)
            if definition.scope != "function" and touched:
                yield (
                    f"fixture `{name}` of scope {definition.scope} uses `{min(touched)}`, which lives for one test of "
                    "one submission only: make the fixture function-scoped"
                )
