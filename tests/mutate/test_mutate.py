"""The mutants of the engine run in their module's place, and the areas name what is there."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from areas import AREAS
from swap import swap

ROOT = Path(__file__).resolve().parents[2]
SOURCE = """
import functools

LIMIT = 3

def double(x, by=2):
    return x * by

@functools.lru_cache
def cached(x):
    def inner(y):
        return y + 1
    return inner(x)

class Thing:
    def __init__(self, size):
        self.size = size

    @property
    def half(self):
        return self.size / 2

    @staticmethod
    def name():
        return "thing"
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "mutated_module.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("mutated_module")
    del sys.modules["mutated_module"]


def test_functions_that_others_hold_do_what_the_mutant_says(module: ModuleType) -> None:
    double, thing, cached = module.double, module.Thing(8), module.cached
    assert (double(3), thing.half, cached(1), module.Thing.name()) == (6, 4, 2, "thing")
    cached.cache_clear()
    changes = {"x * by": "x + by", "size / 2": "size / 4", "y + 1": "y - 1", '"thing"': '"other"', "by=2": "by=5"}
    mutated = SOURCE
    for before, after in changes.items():
        mutated = mutated.replace(before, after)
    assert swap(module, mutated) == 4
    assert (double(3), thing.half, cached(1), module.Thing.name()) == (8, 2, 0, "other")


def test_a_source_that_changes_no_function_changes_nothing(module: ModuleType) -> None:
    assert swap(module, SOURCE) == 0
    assert swap(module, "\n\n" + SOURCE) == 0  # on other lines


def test_the_areas_name_files_and_tests_that_are_there() -> None:
    for files in AREAS.values():
        for file, tests in files.items():
            assert (ROOT / file).is_file(), file
            assert all((ROOT / test).exists() for test in tests), tests
