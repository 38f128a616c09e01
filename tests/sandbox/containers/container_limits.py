"""The limits of every slot in these tests."""

from autograder.sandbox.interface import Limits

LIMITS = Limits(
    call_seconds=2, cell_seconds=10, memory_bytes=256 << 20, processes=24, tmpfs_bytes=16 << 20, submission_seconds=60
)
