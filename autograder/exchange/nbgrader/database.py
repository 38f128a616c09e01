"""Opening gradebook.db: creation, locks, and what nbgrader needs around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from nbgrader.api import Base, Gradebook
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from autograder.course.course import Course

GRADEBOOK = "gradebook.db"
_BUSY_SECONDS = 30  # formgrader holds the lock for milliseconds; a process that is stuck holds it for ever


class GradebookError(Exception):
    """The gradebook cannot be used as it is. The message says what to do."""


class GradebookLocked(GradebookError):
    """Another program holds the gradebook. Nothing is lost: every grade is in the evidence."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}: another program has held the gradebook locked for {_BUSY_SECONDS} s; close what is open on it "
            "(formgrader, a database browser, another run) and repeat the command: no grade is lost, and nothing is "
            "graded twice"
        )
        self.path = path


def course_id(course: Course) -> str:
    """Return the course's name in nbgrader's words: its title in lower case, other characters than letters and digits
    as _.
    """
    return re.sub(r"[^a-z0-9]+", "_", course.title.lower()).strip("_") or "course"


@contextmanager
def open_gradebook(path: Path, course: Course, *, busy_seconds: int = _BUSY_SECONDS) -> Iterator[Any]:
    """Return nbgrader's Gradebook, made if it is not there. Raises GradebookLocked, or GradebookError where it is
    damaged.
    """
    if not path.exists():
        _create(path)
    with _translated_errors(path):
        gradebook = Gradebook(f"sqlite:///{path}?timeout={busy_seconds}", course_id(course))
        try:
            yield gradebook
        except BaseException:
            gradebook.db.rollback()
            raise
        finally:
            gradebook.close()


@contextmanager
def read_only(path: Path, *, busy_seconds: int = _BUSY_SECONDS) -> Iterator[Session]:
    """Return a session on an existing gradebook that cannot change it. Errors as for `open_gradebook`."""
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true&timeout={busy_seconds}")
    try:
        with _translated_errors(path), Session(engine) as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def _translated_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if "locked" in str(error.orig) or "busy" in str(error.orig):
            raise GradebookLocked(path) from error
        raise GradebookError(
            f"{path}: {error.orig}; if nbgrader was updated, run `nbgrader db upgrade` in {path.parent}"
        ) from error
    except DatabaseError as error:
        raise GradebookError(
            f"{path}: {error.orig}; restore it from a copy (automatic scores can be written anew, those that people "
            "gave are only there)"
        ) from error


def _create(path: Path) -> None:
    """Make an empty gradebook, whole or not at all.

    nbgrader's constructor would run the command `alembic` from PATH to learn the version of its own tables, which
    fails outside an activated environment and takes seconds; and a gradebook that has tables but no version counts as
    damaged. So tables and version are made here, under a temporary name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    engine = create_engine(f"sqlite:///{temporary}")
    try:
        Base.metadata.create_all(bind=engine)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(
                text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version}
            )
    finally:
        engine.dispose()
    temporary.replace(path)
