"""The matplotlib backend of notebooks: Agg, whose `plt.show()` makes the figures outputs of the cell.

Imported by matplotlib itself, by the name `figures.BACKEND`, when a notebook makes its first figure.
"""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

from .figures import flush

__all__ = ["FigureCanvas", "show"]


def show(*_: Any, **__: Any) -> None:
    """Show every open figure now, and close it."""
    if InteractiveShell.initialized():
        flush(InteractiveShell.instance())
