"""Locked predictions as hidden tests look at them: what `predictions.py`, which students have, says of a lock."""

from __future__ import annotations

from autograder.testing import Mismatch
from autograder.testing.proxy import StudentProxy
from reference_models.predictions import lock_of, without_reason


def stands_as_locked(student: StudentProxy, count: int) -> None:
    """Raise Mismatch where predictions 1 to `count` were locked without reasons, or changed afterwards.

    An earlier release asked for no lock: a notebook without the name passes.
    """
    if not student.has("lock"):
        return
    predictions, reasons = (
        [student.value(f"{what}_{number}") for number in range(1, count + 1)] for what in ("predict", "reason")
    )
    lock = student.value("lock")
    if without_reason(reasons) or not lock:
        raise Mismatch("They were not locked, each with a reason, before the truth was shown.")
    if lock != lock_of(predictions, reasons):
        raise Mismatch("A prediction or a reason was changed after they were locked.")
