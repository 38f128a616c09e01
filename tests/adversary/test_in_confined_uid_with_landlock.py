"""The bank without namespaces, where the kernel has Landlock."""

import pytest
from verdicts import *  # noqa: F403

SANDBOX = "landlock"
pytestmark = pytest.mark.slow
