"""For all tests: the same examples in every run, no failure because a machine is busy, and signals that count."""

import re
import signal
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, settings

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
_ABOUT_TORCH = re.compile(r"^\s*(import|from) (torch|safetensors|reference_models)\b|load_course\(ROOT\)", re.MULTILINE)
collect_ignore: list[str] = []
if find_spec("torch") is None:
    _shared = {path.parent for path in HERE.rglob("conftest.py") if _ABOUT_TORCH.search(path.read_text())}
    collect_ignore += [
        str(path)
        for path in HERE.rglob("test_*.py")
        if _shared & set(path.parents) or _ABOUT_TORCH.search(path.read_text())
    ]


def pytest_report_header() -> str:
    return f"torch is not installed: {len(collect_ignore)} files about it are left out" if collect_ignore else ""
