"""Predictions are locked, each with a reason, before the truth is shown.

A lock is a short hash of answers and reasons. It stands in your notebook, so that you, and whoever reads it, can see
that nothing was changed afterwards. It is a promise to yourself: nobody loses a point for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

_WORDS = 3  # the least that a reason has


def lock_of(predictions: Sequence[object], reasons: Sequence[object]) -> str:
    """Return the lock of these predictions and reasons: eight hexadecimal digits. Spaces around do not count."""
    said = [str(part).strip() for part in (*predictions, *reasons)]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()[:8]


def without_reason(reasons: Sequence[object]) -> list[int]:
    """Return the numbers, from 1, of the predictions whose reason is shorter than three words."""
    return [number for number, reason in enumerate(reasons, start=1) if len(str(reason).split()) < _WORDS]


def opened(lock: object, predictions: Sequence[object], reasons: Sequence[object]) -> bool:
    """Return whether the lock fits, and say what is to do if it does not: then the truth stays closed."""
    if missing := without_reason(reasons):
        print(f"First a reason of a few words for prediction {', '.join(map(str, missing))}.")
    elif str(lock).strip() != lock_of(predictions, reasons):
        print(f'Put lock = "{lock_of(predictions, reasons)}" below your reasons, and run both cells again.')
        if str(lock).strip():
            print("Yours was made for other predictions or reasons. If you change them now, write beside them why.")
    else:
        return True
    return False
