"""The course's secret: the key from which the inputs of hidden tests are drawn.

With it no two submissions see the same inputs, and a regrade sees the same ones again. Whoever has it
could compute hidden inputs in advance: it stays with the instructor, outside version control.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

VARIABLE = "AUTOGRADER_SECRET"
FILE = ".course_secret"
_SHORTEST = 16  # characters


class SecretError(Exception):
    """The course's secret cannot be read or made. The message says what to do."""


def course_secret(root: Path) -> bytes:
    """Return the key of the course in folder `root`: from the environment, else from its file, which is made where
    missing.
    """
    if VARIABLE in os.environ:
        return _checked(os.environ[VARIABLE].encode(), f"the environment variable {VARIABLE}")
    path = root / FILE
    try:
        return _checked(path.read_bytes(), str(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise SecretError(f"{path}: cannot be read: {error.strerror}") from None
    temporary = root / f"{FILE}.{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        try:
            os.link(temporary, path)  # unlike a rename, never replaces what another process just made
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    except OSError as error:
        raise SecretError(
            f"{path}: cannot be made: {error.strerror}; make the folder writable, or set {VARIABLE}"
        ) from None
    return _checked(path.read_bytes(), str(path))


def seed_id(key: bytes) -> str:
    """Name a key without telling it: results with the same id were drawn with the same key."""
    return hashlib.sha256(b"seed-id:" + key).hexdigest()[:16]


def _checked(text: bytes, source: str) -> bytes:
    key = text.strip()
    if len(key) < _SHORTEST:
        raise SecretError(
            f"{source}: found a secret of {len(key)} characters, expected at least {_SHORTEST}; "
            "remove it to have a new one made (regraded submissions will then see other inputs)"
        )
    return key
