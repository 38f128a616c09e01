"""Figures of a resident grader for Prometheus, and a line of JSON for each submission: how it fares, never who.

Names follow Prometheus' conventions (unit at the end, `_total` for what only grows). prometheus-client is the extra
`monitoring`; it is imported only where figures are asked for.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.workers.lanes import Finished, available_memory

SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counts what went through the lanes, and serves it at http://127.0.0.1:PORT/metrics."""

    def __init__(self, state: Callable[[], Mapping[str, Any]]) -> None:
        """Take `state`, which gives queue, lanes and warm slots as they are now. Raises ImportError without
        prometheus-client."""
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._waited = Histogram(
            "autograder_wait_seconds", "From being asked to a slot.", ["kind"], buckets=SECONDS, registry=registry
        )
        self._graded = Histogram(
            "autograder_grading_seconds", "In the slot.", ["assignment"], buckets=SECONDS, registry=registry
        )
        self._outcomes = Counter("autograder_submissions", "Submissions by outcome.", ["outcome"], registry=registry)
        self._faults = Counter("autograder_faults", "Faults of ours by kind.", ["kind"], registry=registry)
        waiting = Gauge("autograder_waiting", "Submissions that wait.", ["kind"], registry=registry)
        for kind in ("urgent", "batch"):
            waiting.labels(kind).set_function(lambda kind=kind: float(state()["waiting"][kind]))  # type: ignore[misc]
        for name, told, value in (
            ("autograder_busy_lanes", "Lanes that grade.", lambda: state()["busy"]),
            ("autograder_lanes", "Lanes in all.", lambda: state()["lanes"]),
            ("autograder_warm_slots", "Slots that are warm.", lambda: len(state()["warm"])),
            ("autograder_available_memory_bytes", "Memory that can be had on the machine.", available_memory),
        ):
            Gauge(name, told, registry=registry).set_function(lambda value=value: float(value()))  # type: ignore[misc]

    def finished(self, one: Finished) -> None:
        """Count a submission that went through."""
        self._waited.labels("urgent" if one.urgent else "batch").observe(one.waited)
        self._outcomes.labels(one.outcome).inc()
        if one.outcome == "fault":
            self._faults.labels(one.reason).inc()
        else:
            self._graded.labels(one.assignment).observe(one.seconds)

    def text(self) -> str:
        """Return all figures in Prometheus' text format."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry).decode()

    def serve(self, port: int) -> None:
        """Answer on the loopback interface in a thread of its own, until the process ends. Raises OSError."""
        from prometheus_client import start_http_server

        start_http_server(port, addr="127.0.0.1", registry=self._registry)


class Log:
    """Appends a line of JSON for each submission that went through: when, which assignment, how long, how it ended."""

    def __init__(self, path: Path) -> None:
        """Open the file for appending. Raises OSError."""
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def finished(self, one: Finished) -> None:
        """Write one line."""
        line = {"when": datetime.now(UTC).isoformat(timespec="milliseconds"), **vars(one)}
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
