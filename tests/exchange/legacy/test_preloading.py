"""Which modules are imported before the first submission of an imported assignment."""

from __future__ import annotations

from pathlib import Path

from autograder.exchange.legacy.nbgrader_source import read_source
from autograder.exchange.legacy.preloading import preloads
from tests.exchange.legacy.conftest import answer, checked, code, written


def test_what_the_notebook_and_its_tests_import_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import sys\n")
    source = written(
        tmp_path,
        code("import numpy as np, helper, json\nimport package_that_nobody_has"),
        answer("f", "def f(x):\n    ### BEGIN SOLUTION\n    from numpy import fft\n    ### END SOLUTION"),
        checked("t", 1, "import doctest\nfrom numpy.testing import assert_allclose\nassert f"),
    )
    found = preloads(read_source(source))
    assert sorted(found) == ["doctest", "numpy.fft", "numpy.testing"], "no file of the course, nothing that is small"


def test_a_frame_that_is_drawn_needs_what_draws_it(tmp_path: Path) -> None:
    source = written(
        tmp_path,
        code("import pandas as pd\npd.Series([1]).plot.bar();"),
        answer("f", "### BEGIN SOLUTION\nf = 1\n### END SOLUTION"),
        checked("t", 1, "assert f"),
    )
    assert preloads(read_source(source)) == ["matplotlib.pyplot", "pandas.plotting._matplotlib"]
