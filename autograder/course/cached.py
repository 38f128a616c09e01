"""A course that is read again only when its file changed, for processes that stay."""

from __future__ import annotations

import threading
from pathlib import Path

from autograder.course.course import Course, load_course


class CachedCourse:
    """The course of one file, as it is on disk. Safe for several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._course: Course | None = None

    def load(self) -> Course:
        """Return the course, read again if size or time of the file changed. Raises CourseError, OSError."""
        with self._lock:
            about = self._path.stat()
            stamp = (about.st_size, about.st_mtime_ns)
            if self._course is None or stamp != self._stamp:
                self._course, self._stamp = load_course(self._path), stamp
            return self._course
