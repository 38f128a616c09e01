"""What authors of hidden tests import, and how a suite of them is collected and run.

Authors: `question`, `close`, `close_to_any`, `given`, `unchanged`, `gradient`, `public_twin`,
`forbidden_calls`, `Mismatch`, `StudentError`. See docs/hidden-tests.md.
"""

from __future__ import annotations

from autograder.sandbox.student import StudentError
from autograder.testing.artifacts import Artifacts, DataMissing
from autograder.testing.carry import given
from autograder.testing.compare import close, close_to_any
from autograder.testing.kinds import Mismatch
from autograder.testing.proxy import gradient
from autograder.testing.questions import TestInfo, question
from autograder.testing.randomness import Rng, derive_seed
from autograder.testing.session import TestSession
from autograder.testing.static import forbidden_calls
from autograder.testing.twins import PublicTwin, public_twin
from autograder.testing.unchanged import unchanged

__all__ = [
    "Artifacts",
    "DataMissing",
    "Mismatch",
    "PublicTwin",
    "Rng",
    "StudentError",
    "TestInfo",
    "TestSession",
    "close",
    "close_to_any",
    "derive_seed",
    "forbidden_calls",
    "given",
    "gradient",
    "public_twin",
    "question",
    "unchanged",
]
