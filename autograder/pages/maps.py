"""Two maps (2-D arrays) as pictures: expected and found on one colour scale, and their difference on another.

The numbers come from the student process, so they are checked before anything is made of them; what is not a
rectangle of numbers is not drawn. Numbers that are not finite are drawn in a colour outside of the scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.pages.png import Image, image_of

SIDE_LIMIT = 64

# Eleven colours of matplotlib's viridis: even in lightness, readable without colour vision and in grey.
_VIRIDIS = np.array(
    [
        [68, 1, 84],
        [72, 36, 117],
        [65, 68, 135],
        [53, 95, 141],
        [42, 120, 142],
        [33, 145, 140],
        [34, 168, 132],
        [68, 191, 112],
        [122, 209, 81],
        [189, 223, 38],
        [253, 231, 37],
    ],
    dtype=np.float64,
)
# Blue (found is smaller), near white (equal), orange (found is larger).
_DIVERGING = np.array(
    [[33, 82, 155], [98, 148, 205], [182, 208, 232], [244, 244, 242], [250, 205, 160], [230, 134, 62], [166, 70, 8]],
    dtype=np.float64,
)
_NOT_FINITE = np.array([200, 30, 120], dtype=np.uint8)


@dataclass(frozen=True)
class Scale:
    low: str
    high: str
    bar: Image


@dataclass(frozen=True)
class Picture:
    title: str
    image: Image
    alt: str
    scale: Scale


def as_array(values: object) -> NDArray[np.float64] | None:
    """`values` (nested lists of numbers) as an array of 1 or 2 dimensions, at most 64 x 64; None if it is not one."""
    if not isinstance(values, (list, tuple)) or not 0 < len(values) <= SIDE_LIMIT:
        return None
    rows = [row if isinstance(row, (list, tuple)) else [row] for row in values]
    flat = not any(isinstance(row, (list, tuple)) for row in values)
    if not all(0 < len(row) <= SIDE_LIMIT and len(row) == len(rows[0]) for row in rows):
        return None
    if not flat and not all(isinstance(row, (list, tuple)) for row in values):
        return None
    try:
        array = np.array([[_number(entry) for entry in row] for row in rows], dtype=np.float64)
    except (TypeError, OverflowError):
        return None
    return array[:, 0] if flat else array


def _number(entry: object) -> float:
    if isinstance(entry, (bool, int, float)):
        return float(entry)
    if entry is None or entry in ("nan", "NaN", "inf", "-inf", "Infinity", "-Infinity"):  # how JSON writers put them
        return float("nan") if entry is None else float(str(entry))
    raise TypeError


def pictures(expected: NDArray[np.float64], found: NDArray[np.float64]) -> tuple[Picture, ...]:
    """Expected, found, and where the shapes agree their difference."""
    finite = np.concatenate([a[np.isfinite(a)] for a in (expected, found)])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    scale = Scale(short(low), short(high), _bar(_VIRIDIS))
    drawn = [
        Picture(title, _draw(array, low, high, _VIRIDIS), _described(title, array), scale)
        for title, array in (("Expected", expected), ("Yours", found))
    ]
    if expected.shape == found.shape:
        with np.errstate(invalid="ignore", over="ignore"):
            difference = found - expected
        kept = difference[np.isfinite(difference)]
        most = float(np.abs(kept).max()) if kept.size else 0.0
        title = "Yours − expected"
        bar = Scale(f"−{short(most)}" if most else "0", short(most), _bar(_DIVERGING))
        drawn.append(Picture(title, _draw(difference, -most, most, _DIVERGING), _described(title, difference), bar))
    return tuple(drawn)


def _draw(array: NDArray[np.float64], low: float, high: float, colours: NDArray[np.float64]) -> Image:
    finite = np.isfinite(array)
    with np.errstate(invalid="ignore", over="ignore"):
        spread = high - low
        unit = np.where(finite, (array - low) / spread if 0 < spread < np.inf else 0.5, 0.0)
    pixels = _coloured(np.clip(unit, 0.0, 1.0), colours)
    pixels[~finite] = _NOT_FINITE
    return image_of(pixels)


def _coloured(unit: NDArray[np.float64], colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    stops = np.linspace(0.0, 1.0, len(colours))
    return np.stack([np.interp(unit, stops, colours[:, i]).round().astype(np.uint8) for i in range(3)], axis=-1)


def _bar(colours: NDArray[np.float64]) -> Image:
    return image_of(_coloured(np.linspace(0.0, 1.0, 64)[None, :], colours))


def _described(title: str, array: NDArray[np.float64]) -> str:
    height, width = array.shape
    text = f"{title}: a map of {height} by {width} numbers"
    finite = array[np.isfinite(array)]
    if finite.size:
        text += f" from {short(float(finite.min()))} to {short(float(finite.max()))}"
        row, column = np.unravel_index(int(np.where(np.isfinite(array), array, -np.inf).argmax()), array.shape)
        text += f", largest in row {row + 1}, column {column + 1}"
    missing = array.size - finite.size
    return f"{text}; {missing} are not finite" if missing else text


def short(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
