"""How long the solution takes: the measure for how long a student's function may.

`autograder validate --update-timings` writes `solutions/<assignment>/call_times.json`, the longest single
call of each hidden test when the solution answers. A student's call may take twenty times that, at least
one second, and never more than `call_seconds` in course.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from autograder.files import write_whole

FACTOR = 20.0
LEAST_SECONDS = 1.0
FILE = "call_times.json"


class CallTimesError(Exception):
    """call_times.json is not as it should be."""


def read_call_times(folder: Path) -> dict[str, float]:
    """Test name -> seconds of the solution's longest call; empty where nothing was measured yet."""
    path = folder / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CallTimesError(f"{path}: cannot be read: {error}; {_REMEDY}") from None
    times = found.get("tests") if isinstance(found, dict) else None
    if not isinstance(times, dict) or not all(isinstance(value, int | float) for value in times.values()):
        raise CallTimesError(f'{path}: expected {{"tests": {{test name: seconds}}}}; {_REMEDY}')
    return {str(name): float(seconds) for name, seconds in times.items()}


_REMEDY = "remove it, or write it anew with `autograder validate --update-timings`"


def write_call_times(folder: Path, times: Mapping[str, float]) -> None:
    rounded = {name: round(times[name], 4) for name in sorted(times)}
    write_whole(folder / FILE, (json.dumps({"tests": rounded}, indent=1) + "\n").encode())


def allowed_seconds(times: Mapping[str, float], test: str, most: float) -> float:
    """Return how long one call of `test` may take, in seconds; `most` where the solution was never timed."""
    return min(most, max(LEAST_SECONDS, FACTOR * times[test])) if test in times else most
