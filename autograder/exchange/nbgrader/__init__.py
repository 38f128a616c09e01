"""nbgrader's gradebook, filled from our results, and the grades that people gave in it.

Evidence is the truth for automatic scores, `gradebook.db` for those that a person gave (formgrader). `sync` writes
the former and never touches the latter; `read_manual` reads the latter, so that `autograder.scoring.score` can count
them. Both can be repeated at any time. Importing this package loads nbgrader (seconds): import it where it is used.
"""

from autograder.exchange.nbgrader.database import GRADEBOOK, GradebookError, GradebookLocked
from autograder.exchange.nbgrader.manual import ManualGrades, read_manual
from autograder.exchange.nbgrader.sync import GradebookEntry, SyncReport, sync

__all__ = [
    "GRADEBOOK",
    "GradebookEntry",
    "GradebookError",
    "GradebookLocked",
    "ManualGrades",
    "SyncReport",
    "read_manual",
    "sync",
]
