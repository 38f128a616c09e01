"""Which files of the engine are mutated, and which tests must notice."""

from __future__ import annotations

AREAS: dict[str, dict[str, tuple[str, ...]]] = {  # area -> file -> tests, the quickest first
    "scoring": {
        "autograder/scoring/score.py": (
            "tests/scoring/test_whole_results.py",
            "tests/scoring/test_scoring.py",
            "tests/scoring/test_scoring_properties.py",
        ),
    },
    "late policy": {
        "autograder/course/late_policy.py": ("tests/scoring/test_late_policy.py",),
    },
    "comparison": {
        "autograder/testing/compare.py": ("tests/testing/test_comparison.py", "tests/testing/test_close.py"),
        "autograder/testing/same.py": ("tests/testing/test_same.py",),
        "autograder/testing/kinds.py": ("tests/testing/test_comparison.py", "tests/testing/test_authors.py"),
    },
    "carrying": {
        "autograder/testing/carry.py": ("tests/testing/test_authors.py",),
    },
    "matching": {
        "autograder/notebooks/matching.py": ("tests/notebooks",),
    },
    "identity": {
        "autograder/submissions/batches.py": ("tests/submissions",),
        "autograder/submissions/choice.py": ("tests/submissions",),
        "autograder/submissions/naming.py": ("tests/submissions",),
        "autograder/submissions/wanted.py": ("tests/submissions",),
        "autograder/course/roster.py": ("tests/course/test_roster_file.py", "tests/submissions"),
    },
    "wire": {
        "autograder/sandbox/inside/wire/protocol.py": ("tests/sandbox/wire/test_protocol.py", "tests/sandbox/wire"),
        "autograder/sandbox/inside/wire/arrays.py": ("tests/sandbox/wire",),
        "autograder/sandbox/inside/wire/encoder.py": ("tests/sandbox/wire/test_values.py", "tests/sandbox/wire"),
        "autograder/sandbox/inside/wire/decoder.py": ("tests/sandbox/wire/test_values.py", "tests/sandbox/wire"),
        "autograder/sandbox/inside/wire/envelopes.py": ("tests/sandbox/test_relay.py", "tests/fuzz"),
        "autograder/sandbox/student.py": ("tests/sandbox/wire",),
    },
}
