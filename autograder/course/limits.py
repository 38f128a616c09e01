"""What course.yaml says about the limits of the sandbox."""

from __future__ import annotations

from dataclasses import replace

from autograder.course.yaml_sections import Section
from autograder.sandbox.interface import Limits

# key in course.yaml -> (field of Limits, units in one of the key's units, whole numbers only)
_LIMIT_KEYS = {
    "call_seconds": ("call_seconds", 1, False),
    "cell_seconds": ("cell_seconds", 1, False),
    "submission_seconds": ("submission_seconds", 1, False),
    "memory_mb": ("memory_bytes", 1 << 20, True),
    "processes": ("processes", 1, True),
    "file_mb": ("file_bytes", 1 << 20, True),
    "tmpfs_mb": ("tmpfs_bytes", 1 << 20, True),
    "tmpfs_inodes": ("tmpfs_inodes", 1, True),
    "output_kb": ("output_bytes", 1 << 10, True),
    "cpus": ("cpus", 1, False),
}


def read_limits(parent: Section, base: Limits) -> Limits:
    """Return `base` with what the parent's `sandbox` mapping changes."""
    section = parent.section("sandbox", tuple(_LIMIT_KEYS), f"'sandbox' of {parent.name}")
    if section is None:
        return base
    changed: dict[str, float] = {}
    for key, (field, unit, whole) in _LIMIT_KEYS.items():
        if key in section:
            value = section.number(key, getattr(base, field) / unit, above=0, whole=whole)
            changed[field] = int(value * unit) if whole else value
    limits = replace(base, **changed)  # type: ignore[arg-type]  # whole-number fields got int above
    for key in ("call_seconds", "cell_seconds"):
        if getattr(limits, key) > limits.submission_seconds:
            section.wrong(key, f"at most submission_seconds, which is {limits.submission_seconds:g}")
    return limits
