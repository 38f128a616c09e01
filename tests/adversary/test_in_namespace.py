"""The bank in namespaces, by root."""

from verdicts import *  # noqa: F403

SANDBOX = "namespace"
