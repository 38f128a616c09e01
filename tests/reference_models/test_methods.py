"""Nine methods side by side: which weight, which gain, what stands in the report, and that a stopped run goes on."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from reference_models.methods import Bench, best_weights, main, measure
from reference_models.methods_page import accuracies, draw, gains, of_condition, outside_of_the_spread, table

ROOT = Path(__file__).resolve().parents[2]
REPORT = json.loads((ROOT / "reference_models/cards/methods.json").read_text(encoding="utf-8"))


def small_report() -> dict[str, Any]:
    """Two methods, two conditions, two seeds; every class has the same accuracy but for the three rare ones."""

    def seeds(first: float, second: float, rare: float) -> dict[str, list[float]]:
        return {str(seed): [value] * 7 + [rare] * 3 for seed, value in enumerate((first, second))}

    return {
        "weights": {"labels alone": 0.0, "hint": 0.2},
        "test": {
            "plain": {"labels alone": seeds(0.5, 0.6, 0.55), "hint": seeds(0.7, 0.9, 0.8)},
            "rare classes": {"labels alone": seeds(0.5, 0.5, 0.1), "hint": seeds(0.5, 0.5, 0.0)},
        },
    }


def test_the_best_mean_over_the_classes_decides_the_weight() -> None:
    tried = {"hint": {"0.2": {"100": [0.5] * 10}, "1": {"100": [0.4] * 5 + [0.8] * 5}, "5": {"100": [0.1] * 10}}}
    assert best_weights(tried) == {"hint": 1.0}


def test_gains_go_seed_by_seed() -> None:
    found = accuracies(of_condition(small_report(), "plain"))
    assert found["labels alone"] == pytest.approx([51.5, 58.5])
    assert gains(found, "hint") == pytest.approx([73 - 51.5, 87 - 58.5])


def test_outside_of_the_spread_is_beyond_the_best_or_the_worst_seed() -> None:
    found = {"labels alone": [50.0, 52.0], "a": [52.1, 60.0], "b": [51.0, 60.0], "c": [40.0, 49.9]}
    assert outside_of_the_spread(found) == {"labels alone": 0, "a": 1, "b": 0, "c": -1}


def test_the_table_has_gain_and_deviation_and_the_rare_classes() -> None:
    lines = table(small_report())
    assert lines[0] == "| method | weight | plain | rare classes | rare classes: those three |"
    assert lines[2] == "| labels alone | – | 55.0 (51.5 to 58.5) | 38.0 (38.0 to 38.0) | 10.0 (10.0 to 10.0) |"
    assert lines[3] == "| hint | 0.2 | 80.0 (**+25.0** ± 4.9) | 35.0 (*−3.0* ± 0.0) | 0.0 (*−10.0* ± 0.0) |"


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    draw(small_report(), tmp_path / "methods.png")
    assert (tmp_path / "methods.png").stat().st_size > 5000


@pytest.fixture
def bench() -> Bench:
    calls: list[tuple[str, float, str, int]] = []

    def trained_by(method: str, weight: float, condition: str, seed: int, *_: Any) -> float:
        if len(calls) == 5:
            raise KeyboardInterrupt
        calls.append((method, weight, condition, seed))
        return weight / 10

    names = {
        "METHODS": {name: SimpleNamespace(weights=weights) for name, weights in (("alone", (0,)), ("hint", (0.2, 1)))},
        "CONDITIONS": ("plain", "wrong labels"),
        "trained_by": trained_by,
        "accuracy_by_class": lambda student, *_: torch.full((10,), student),
        "calls": calls,
    }
    part = (torch.zeros(4, 3, 32, 32), torch.zeros(4, dtype=torch.int64))
    return Bench(names, part, part, part, {}, 1)


def test_a_stopped_measurement_goes_on_with_the_runs_that_are_missing(bench: Bench, tmp_path: Path) -> None:
    report = tmp_path / "methods.json"
    with pytest.raises(KeyboardInterrupt):
        measure(bench, 2, report, Console(quiet=True))
    assert len(json.loads(report.read_text())["test"]["plain"]) == 2
    before = list(bench.names["calls"])
    bench.names["calls"].clear()
    with pytest.raises(KeyboardInterrupt):
        measure(bench, 2, report, Console(quiet=True))
    assert not set(before) & set(bench.names["calls"])
    assert all(weight == (1 if method == "hint" else 0) for method, weight, _, seed in bench.names["calls"])


def test_a_report_of_another_setting_is_left_alone(bench: Bench, tmp_path: Path) -> None:
    report = tmp_path / "methods.json"
    report.write_text('{"setting": {"epochs": 50}}')
    with pytest.raises(ValueError, match="another setting"):
        measure(bench, 1, report, Console(quiet=True))


def test_data_that_are_not_there_are_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--data", f"{tmp_path}/nowhere", "--report", f"{tmp_path}/methods.json"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "Traceback" not in done.output


def test_the_report_is_whole_and_its_table_is_in_the_docs() -> None:
    runs = [list(of_seed) for of_method in REPORT["test"].values() for of_seed in of_method.values()]
    assert len(runs) == 40
    assert all(seeds == ["0", "1", "2"] for seeds in runs)
    assert best_weights(REPORT["held_out"]) == REPORT["weights"]
    docs = (ROOT / "docs/reference-models.md").read_text(encoding="utf-8")
    assert "\n".join(table(REPORT)) in docs


def test_what_the_docs_say_of_the_report() -> None:
    found = {condition: accuracies(of_condition(REPORT, condition)) for condition in REPORT["test"]}
    outside = {condition: outside_of_the_spread(accuracy) for condition, accuracy in found.items()}
    gain = {condition: statistics.mean(gains(found[condition], "soft targets")) for condition in found}
    assert all(of_method["soft targets"] == 1 for of_method in outside.values())
    assert min(gain["wrong labels"], gain["rare classes"]) > max(gain["plain"], gain["smaller student"])
    assert [condition for condition in found if outside[condition]["boundary samples"] == 1] == list(found)[1:]
    others = set(REPORT["weights"]) - {"soft targets", "boundary samples"}
    above = {(condition, method) for condition in found for method in others if outside[condition][method] == 1}
    assert above == {("plain", "similarity")}
    for method, at in (("hint", 0), ("flow", 0), ("soft targets", -1)):
        assert REPORT["weights"][method] == sorted(map(float, REPORT["held_out"][method]))[at]
