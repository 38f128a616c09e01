"""For all tests: the same examples in every run, no failure because a machine is busy, and signals that count."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.browser"]

# As the command does (see `autograder.cli`): importing nbformat would build a grammar, for a second.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# A property is tried on the same examples in every run: what fails for one person fails for all, and what passed passes
# again. `make test-random` looks for new ones; what it finds is written beside the property as an @example.
any_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", any_machine, derandomize=True, database=None)
settings.register_profile("random", any_machine, derandomize=False, print_blob=True)
settings.load_profile("same")  # pytest's own option --hypothesis-profile comes later, and wins

# A shell ignores Ctrl-C for what it starts in the background, and children inherit that: tests of Ctrl-C would wait
# for a signal that never comes.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Where there is no torch, tests that are about it, or about the course of this repository, are left out.
HERE = Path(__file__).parent
ROOT = HERE.parent
_ABOUT_TORCH = re.compile(r"^\s*(import|from) (torch|safetensors|reference_models)\b|load_course\(ROOT\)", re.MULTILINE)
collect_ignore: list[str] = []
if find_spec("torch") is None:
    _shared = {path.parent for path in HERE.rglob("conftest.py") if _ABOUT_TORCH.search(path.read_text())}
    collect_ignore += [
        str(path)
        for path in HERE.rglob("test_*.py")
        if _shared & set(path.parents) or _ABOUT_TORCH.search(path.read_text())
    ]


# What takes longest is begun first, so that no worker is left alone with it at the end: `make test` hands out whole
# files in this order, and the rest as it is collected.
LONGEST_FIRST = (
    "adversary", "packaging", "runs", "workers", "sandbox/containers", "release/test_notebooks_run.py", "validation",
    "pages", "feedback/test_feedback_browser.py", "reports/test_staff_browser.py", "testing/test_authors.py", "grading",
    "sandbox/test_slot.py", "submissions/test_layout_properties.py", "feedback/test_feedback_hostile.py",
    "sandbox", "testing", "release", "reference_models", "exchange", "content",
)  # fmt: skip
WORKER_MEMORY = 2 << 30  # bytes; of one worker of pytest with all that it starts


def _turn(path: Path) -> int:
    """Return when a file's tests are begun: lower numbers come first."""
    parts = path.relative_to(HERE).as_posix()
    return next((n for n, long in enumerate(LONGEST_FIRST) if f"{parts}/".startswith(f"{long}/")), len(LONGEST_FIRST))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path))  # stable: the tests of a file stay in their order


@pytest.fixture(autouse=True)
def _imports_as_before() -> Iterator[None]:
    """Fail a test that leaves folders of the course to import from: a later test would find what should be missing."""
    before = list(sys.path)
    yield
    own = (ROOT / "reference_models", ROOT / "assignments", ROOT / "solutions")
    left = [folder for folder in sys.path if folder not in before and any(map(Path(folder).is_relative_to, own))]
    if left:
        sys.path[:] = before
        pytest.fail(f"left among the folders to import from: {', '.join(left)}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Return how many workers `-n auto` has: two for each core, as memory allows.

    Half of the suite's time is waiting: for limits that must strike, for processes that start and end.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(2 * len(os.sched_getaffinity(0)), memory // WORKER_MEMORY))


def pytest_report_header() -> str:
    return f"torch is not installed: {len(collect_ignore)} files about it are left out" if collect_ignore else ""
