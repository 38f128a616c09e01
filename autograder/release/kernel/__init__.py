"""A notebook run from top to bottom in a plain Jupyter kernel, as a student would run it, but without a network."""

from __future__ import annotations

from autograder.release.kernel.run import CellRun, KernelError, NotebookRun, run_notebook

__all__ = ["CellRun", "KernelError", "NotebookRun", "run_notebook"]
