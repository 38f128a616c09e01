"""The bank in namespaces, for a grader who is an ordinary user."""

import pytest
from verdicts import *  # noqa: F403

SANDBOX = "ordinary"
pytestmark = pytest.mark.long
