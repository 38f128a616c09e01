"""What differs from student to student is fair and well posed, whichever code they were given."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from autograder.course.variant_codes import code_in, new_code
from reference_models.personal import own_attack, own_labels, own_noise, own_turns, own_window

ROOT = Path(__file__).resolve().parents[2]
CODES = [new_code((), random.Random(number).choice) for number in range(300)]


def masters_code(name: str) -> str:
    text = (ROOT / "solutions" / name / "solution.py").read_text("utf-8")
    return code_in(text[text.index('tags=["variant"]') :])


@pytest.mark.parametrize("code", CODES[:40])
def test_the_answers_of_the_likely_mistakes_are_others(code: str) -> None:
    attack, noise, window, labels = own_attack(code), own_noise(code), own_window(code), own_labels(code)
    assert 0 < attack.first < attack.steps
    assert attack.first * attack.epsilon != min(attack.epsilon, 2.5 * attack.epsilon * attack.first / attack.steps)
    assert noise.percent / noise.classes > 0.5, "the draws that give the old label again can be told from rounding"
    beside = window.width - window.size
    assert beside % window.stride, "the last column of crops ends before the border"
    assert beside // window.stride > (window.height - window.size) // window.stride, (
        "rows and columns can be told apart"
    )
    (cats, lost_cats), (lost_dogs, dogs) = labels.matrix
    shares = (
        dogs / (lost_cats + dogs),
        dogs / (lost_dogs + dogs),
        cats / (cats + lost_dogs),
        cats / (cats + lost_cats),
    )
    assert all(abs(shares[0] - other) > 0.005 for other in shares[1:])


def test_codes_differ_in_what_they_bring() -> None:
    for draw, least in ((own_attack, 100), (own_noise, 200), (own_window, 250), (own_turns, 35), (own_labels, 200)):
        assert len({draw(code) for code in CODES}) >= least, draw.__name__
    targets = Counter(own_attack(code).target for code in CODES)
    assert max(targets.values()) < 2 * min(targets.values())
    reached = sum(own_attack(code).first * 2.5 > own_attack(code).steps for code in CODES)
    assert 0.15 < reached / len(CODES) < 0.6, "some have reached the wall of the cube"


def test_two_methods_are_dealt_evenly() -> None:
    dealt = [own_noise(code) for code in CODES]
    every = Counter(method for noise in dealt for method in noise.methods)
    assert len(every) == 8
    assert max(every.values()) < 2 * min(every.values())
    assert len({(noise.methods, noise.condition) for noise in dealt}) == 48


def test_letters_of_a_code_may_be_small() -> None:
    assert own_window("mc8gn") == own_window(" MC8GN ")


def test_the_masters_figures_are_those_that_its_sample_answers_speak_of() -> None:
    assert own_attack(masters_code("02_visualisation")).target == 3
    assert (own_noise(masters_code("04_distillation")).rate, own_noise(masters_code("04_distillation")).seed) == (
        0.4,
        0,
    )
    assert (own_window(masters_code("05_robustness")).first, own_window(masters_code("05_robustness")).sigma) == (
        0,
        0.1,
    )
    assert own_turns(masters_code("06_two_networks")).nth == 0
    assert own_labels(masters_code("07_transfer")).seed == 0


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").glob("*/solution.py")), ids=lambda path: path.parent.name)
def test_no_cell_marker_is_half_written(path: Path) -> None:
    """`# % [markdown]` would make a cell's text a comment of the code before it."""
    assert not [line for line in path.read_text("utf-8").splitlines() if line.startswith(("# % ", "#%%"))]
