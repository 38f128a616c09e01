from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

COURSE = """\
title: A course
term: autumn
roster: roster.csv
sandbox:
  call_seconds: 5
  memory_mb: 512
late_policy:
  percent_per_day: 10
  grace_minutes: 15
  maximum_percent: 50
assignments:
  - name: 01_first
    title: The first
    due: 2026-10-12T23:59:00+02:00
    hours: 3
    preload: [torch, matplotlib.pyplot]
    public_files: [given.py]
    artifacts: [weights.safetensors]
    sandbox: {call_seconds: 2.5}
    questions:
      - {id: alpha, title: Alpha, points: 2, kind: tests, visibility: always}
      - {id: beta, title: Beta, points: 1.5, kind: manual}
  - name: 02_second
    title: The second
    questions:
      - {id: alpha, title: Alpha again, points: 4}
"""


@pytest.fixture
def course_text() -> str:
    return COURSE


@pytest.fixture
def write_course(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a course.yaml beside a public file, and returns its path."""

    def write(text: str) -> Path:
        (tmp_path / "given.py").write_text("x = 1\n")
        path = tmp_path / "course.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
