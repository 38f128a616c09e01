"""The bank without namespaces and without Landlock."""

import pytest
from verdicts import *  # noqa: F403

SANDBOX = "uid"
pytestmark = pytest.mark.slow
