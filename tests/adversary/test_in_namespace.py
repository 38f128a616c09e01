"""The bank in namespaces, by root."""

import pytest
from verdicts import *  # noqa: F403

SANDBOX = "namespace"
pytestmark = pytest.mark.hostile
