"""The bank in four slots at once, all forked from one template: hostile and honest submissions beside each other."""

import pytest
from verdicts import *  # noqa: F403

SANDBOX = "forked"
pytestmark = pytest.mark.long
