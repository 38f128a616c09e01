"""What a teacher is worth, from pairs of runs."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from reference_models.gain import main, summary


def test_the_gain_is_the_mean_of_the_differences() -> None:
    """0.02 and 0.04 more are 3 points, √2 apart from sample to sample."""
    found = summary([0.5, 0.6], [0.52, 0.64], 3)
    assert found["gain"] == pytest.approx(3.0)
    assert found["deviation"] == pytest.approx(1.41)


def test_one_seed_has_no_deviation() -> None:
    assert summary([0.5], [0.49], 1) == {
        "epochs": 1,
        "held_out": {"mobilenet": [0.5], "mobilenet_distilled": [0.49]},
        "gain": -1.0,
        "deviation": None,
    }


def test_data_that_are_not_there_are_one_sentence(tmp_path: object) -> None:
    done = CliRunner().invoke(main, ["--data", f"{tmp_path}/nowhere", "--report", f"{tmp_path}/gain.json"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "Traceback" not in done.output
