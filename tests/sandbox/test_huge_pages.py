"""Collapsing memory into huge pages changes its cost, not its contents."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import hashlib
from autograder.sandbox.inside.process.huge_pages import SIZE, collapse_written

data = bytearray(i % 251 for i in range(4 * SIZE))
before = hashlib.sha256(data).hexdigest()
collapsed = sum(collapse_written())
assert hashlib.sha256(data).hexdigest() == before
data[0] = 7
huge = sum(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("AnonHugePages"))
print(collapsed, huge)
"""


def test_contents_stay_and_pages_become_huge():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    collapsed, kibibytes = map(int, done.stdout.split())
    if collapsed:  # kernels before 6.1, or without huge pages, do nothing
        assert kibibytes >= 2048 * 3
    else:
        assert kibibytes == 0
