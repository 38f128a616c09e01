"""The bank in containers."""

import pytest
from verdicts import *  # noqa: F403

SANDBOX = "container"
pytestmark = pytest.mark.long
