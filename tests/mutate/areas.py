"""Which files of the engine are mutated, and which tests must notice."""

from __future__ import annotations

_INTAKE = tuple(  # without the properties of layouts, which would be half of the time
    f"tests/submissions/test_{name}.py"
    for name in ("channels", "find_submissions", "limits", "platforms", "layout_docs")
)
_CHOICE = "tests/submissions/test_choice.py"
_MATCHING = tuple(
    f"tests/{name}.py"
    for name in (
        "notebooks/test_matching",
        "notebooks/test_by_hand",
        "notebooks/test_plan",
        "notebooks/test_inline_pictures",
    )
)
_NUMBERS = ("tests/testing/test_comparison.py", "tests/testing/test_close.py")
_ANY_DATA = ("tests/testing/test_close_words.py", "tests/testing/test_close_any_data.py")
_WIRE = tuple(
    f"tests/sandbox/wire/test_{name}.py"
    for name in ("refusals", "sent", "layouts", "protocol", "values", "data_of_any_course")
)

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
        "autograder/testing/compare.py": (*_NUMBERS, *_ANY_DATA),
        "autograder/testing/compare_tensors.py": _NUMBERS,
        "autograder/testing/compare_arrays.py": (*_ANY_DATA, *_NUMBERS),
        "autograder/testing/compare_frames.py": (*_ANY_DATA, "tests/testing/test_close_polars.py"),
        "autograder/testing/compare_polars.py": ("tests/testing/test_close_polars.py",),
        "autograder/testing/same.py": ("tests/testing/test_same.py",),
        "autograder/testing/kinds.py": ("tests/testing/test_kinds.py", *_NUMBERS, *_ANY_DATA),
    },
    "carrying": {
        "autograder/testing/carry.py": ("tests/testing/test_carry.py", "tests/testing/test_given.py"),
    },
    "matching": {
        "autograder/notebooks/matching.py": _MATCHING,
    },
    "identity": {
        "autograder/submissions/batches.py": _INTAKE,
        "autograder/submissions/choice.py": (_CHOICE, *_INTAKE),
        "autograder/submissions/naming.py": (_CHOICE, *_INTAKE),
        "autograder/submissions/wanted.py": (_CHOICE, *_INTAKE),
        "autograder/course/roster.py": ("tests/course/test_roster_file.py", *_INTAKE),
    },
    "wire": {
        "autograder/sandbox/inside/wire/protocol.py": _WIRE,
        "autograder/sandbox/inside/wire/arrays.py": _WIRE,
        "autograder/sandbox/inside/wire/encoder.py": _WIRE,
        "autograder/sandbox/inside/wire/decoder.py": _WIRE,
        "autograder/sandbox/inside/wire/envelopes.py": ("tests/sandbox/wire/test_envelopes.py",),
        "autograder/sandbox/student.py": tuple(
            f"tests/sandbox/wire/test_{name}.py" for name in ("client", "refusals", "requests")
        ),
    },
}
