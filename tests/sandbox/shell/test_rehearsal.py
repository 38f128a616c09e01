"""The zygote's rehearsal: everything in it works, and nothing of it is seen afterwards."""

from __future__ import annotations

import builtins
import linecache
import os
import sys

import torch

from autograder.sandbox.inside.process.rehearsal import rehearse


def cached_cells() -> set[str]:
    return {name for name in linecache.cache if name.startswith("<cell")}


def test_every_request_of_the_rehearsal_is_answered_and_nothing_stays() -> None:
    rehearse(1 << 20)  # what the first one imports stays imported
    main, path, finders = sys.modules["__main__"], list(sys.path), list(sys.meta_path)
    environment, queued, cells = dict(os.environ), len(torch.cuda._queued_calls), cached_cells()
    assert rehearse(1 << 20) == []
    assert sys.modules["__main__"] is main
    assert (sys.path, sys.meta_path) == (path, finders)
    assert dict(os.environ) == environment
    assert len(torch.cuda._queued_calls) == queued
    assert not hasattr(builtins, "get_ipython")
    assert cached_cells() == cells
