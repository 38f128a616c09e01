"""Static looks, the reference's namespace, and what is drawn as hidden input."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from autograder.suite.reference import ReferenceFailed, reference_namespace
from autograder.testing import Rng, derive_seed, forbidden_calls


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("F.cross_entropy(x, y)", [("cross_entropy", 1)]),
        ("import torch\ntorch.nn.functional.cross_entropy(x, y)", [("cross_entropy", 2)]),
        ("from torch.nn.functional import cross_entropy as ce\nce(x, y)", [("cross_entropy", 2)]),
        ("loss = nn.CrossEntropyLoss()", [("nn.CrossEntropyLoss", 1)]),
        ("from torch.nn import CrossEntropyLoss\nCrossEntropyLoss()", [("nn.CrossEntropyLoss", 2)]),
        ("%matplotlib inline\nF.cross_entropy(x, y)", [("cross_entropy", 2)]),
        ("def cross_entropy_mine(x): return -x  # not cross_entropy(x)", []),
        ("'cross_entropy(x)'", []),
        ("", []),
        ("\0", []),
        ("(" * 5000, []),
    ],
)
def test_forbidden_calls(source: str, found: list[tuple[str, int]]) -> None:
    assert forbidden_calls(source, ["cross_entropy", "nn.CrossEntropyLoss"]) == found


def test_forbidden_calls_inside_one_definition() -> None:
    source = "def check(): F.softmax(x)\ndef soften(x): return x.exp()\n"
    assert forbidden_calls(source, ["softmax"], inside="soften") == []
    assert forbidden_calls(source, ["softmax"], inside="check") == [("softmax", 1)]


MASTER = """
# %% tags=["setup"]
%matplotlib inline
import helper
# %% tags=["given"]
base = 2
# %%
def double(x):
    ### BEGIN SOLUTION
    return base * x
    ### END SOLUTION
# %% tags=["check"]
raise ValueError("not run")
# %% tags=["train"]
raise ValueError("not run")
# %% [markdown]
# text
# %% tags=["given", "figure"]
raise ValueError("not run")
"""


def test_the_reference_runs_only_what_defines_things(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(MASTER)
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "helper.py").write_text("x = 1")
    namespace = reference_namespace(tmp_path / "solution.py", [tmp_path / "public"])
    assert namespace["double"](3) == 6


def test_a_solution_that_raises_is_named(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("# %%\nx = 1\n# %%\nx.nothing\n")
    with pytest.raises(ReferenceFailed, match=r"solution\.py.*cell 1.*line 1.*AttributeError"):
        reference_namespace(tmp_path / "solution.py")


def test_seeds_depend_on_key_notebook_test_and_purpose() -> None:
    seeds = {
        derive_seed(key, sha, test, purpose)
        for key in (b"k", b"l")
        for sha in ("a", "b")
        for test in ("t[1]", "t[2]")
        for purpose in ("inputs", "student")
    }
    assert len(seeds) == 16
    assert derive_seed(b"k", "a", "t") == derive_seed(b"k", "a", "t")
    assert 0 <= min(seeds) <= max(seeds) < 2**63


def test_what_is_drawn() -> None:
    rng, again, other = Rng(1), Rng(1), Rng(2)
    x = rng.normal(3, 4)
    assert torch.equal(x, again.normal(3, 4))
    assert not torch.equal(x, other.normal(3, 4))
    image = rng.image(3, 9, 12)
    assert image.shape == (3, 9, 12)
    assert (image.min(), image.max()) == (0, 1)
    assert image.std() > 0.05
    assert rng.images(2, 1, 5, 7).shape == (2, 1, 5, 7)
    labels = rng.labels(12, 10)
    assert labels.dtype == torch.int64
    assert set(labels.tolist()) == set(range(10))
    assert rng.labels(2, 10).max() < 10
    assert [tuple(x.shape) for x, _ in rng.batches(sizes=(5, 3), shape=(2, 4))] == [(5, 2, 4), (3, 2, 4)]
    assert torch.allclose(rng.probabilities(3, 5).sum(-1), torch.ones(3))
    assert sorted(rng.permutation(5).tolist()) == [0, 1, 2, 3, 4]
    assert 2 <= rng.integer(2, 4) < 4
    assert -1 <= rng.number(-1, 1) < 1
    assert rng.choice("ab") in "ab"
    low = rng.uniform(1000, low=-2, high=-1)
    assert low.min() >= -2
    assert low.max() < -1
