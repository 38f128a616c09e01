"""What was expected and what was found as pictures on one scale, and their difference on another.

An *image* has one or three channels and keeps its colours; a *map* is coloured by its numbers; a *curve* is a line.
Several images or maps stand beside each other as tiles. Where both have one shape, the first number that differs is
marked in what was found and in the difference, and said in words.

The numbers come from the student process, so they are checked before anything is made of them; what is no regular
array of numbers is not drawn. Numbers that are not finite are drawn in a colour outside of the scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.pages.png import Image, image_of
from autograder.records import Drawn

Numbers = NDArray[np.float64]

NUMBERS_LIMIT = 12_288  # of one value
DIMENSIONS_LIMIT = 4
TILES_LIMIT = 24
CURVES_LIMIT = 4
RELATIVE, ABSOLUTE = 1e-4, 1e-6  # closer than this is not marked as different
_GAP = 0.08  # between tiles, as a share of a tile's longer side
_WIDTH, _HEIGHT, _PAD = 240.0, 110.0, 8.0  # of a curve's picture, in its own units

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
_GREY = np.array([[0, 0, 0], [255, 255, 255]], dtype=np.float64)
_NOT_FINITE = np.array([200, 30, 120], dtype=np.uint8)


@dataclass(frozen=True)
class Scale:
    """The numbers at both ends of a picture's colours."""

    low: str
    high: str
    bar: Image


@dataclass(frozen=True)
class Tile:
    """One image at its place, in the picture's units: a pixel is one unit wide."""

    x: float
    y: float
    image: Image


@dataclass(frozen=True)
class FirstDifference:
    """Say where the first difference is: the pixel's upper left corner, or a point of a curve."""

    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    points: str  # of an SVG polyline
    style: str  # expected | found | difference


@dataclass(frozen=True)
class Picture:
    """One picture: tiles of a map or an image, or the lines of a curve."""

    title: str
    alt: str
    width: float
    height: float
    scale: Scale | None
    tiles: tuple[Tile, ...] = ()
    lines: tuple[Curve, ...] = ()
    mark: FirstDifference | None = None
    low: str = ""  # of a curve's numbers
    high: str = ""


def as_array(values: object) -> Numbers | None:
    """Return `values` (nested lists of numbers) as an array of 1 to 4 dimensions; None if they are not one."""
    shape = _shape(values)
    if not 1 <= len(shape) <= DIMENSIONS_LIMIT or not 0 < math.prod(shape) <= NUMBERS_LIMIT:
        return None
    flat: list[float] = []
    try:
        _collect(values, shape, flat)
    except (TypeError, ValueError, OverflowError):
        return None
    return np.array(flat, dtype=np.float64).reshape(shape)


def _shape(values: object) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(values, (list, tuple)) and len(shape) <= DIMENSIONS_LIMIT:
        shape.append(len(values))
        values = values[0] if values else None
    return tuple(shape)


def _collect(values: object, shape: tuple[int, ...], flat: list[float]) -> None:
    """Append the numbers in their order. Raises TypeError if a list is not as long as its neighbours."""
    if not shape:
        flat.append(_number(values))
        return
    if not isinstance(values, (list, tuple)) or len(values) != shape[0]:
        raise TypeError
    for entry in values:
        _collect(entry, shape[1:], flat)


def _number(entry: object) -> float:
    if isinstance(entry, (bool, int, float)):
        return float(entry)
    if entry is None or entry in ("nan", "NaN", "inf", "-inf", "Infinity", "-Infinity"):  # how JSON writers put them
        return float("nan") if entry is None else float(str(entry))
    raise TypeError


def first_difference(expected: Numbers, found: Numbers) -> tuple[int, ...] | None:
    """Return the index of the first number that differs; None if none does, or where the shapes differ."""
    if expected.shape != found.shape:
        return None
    differs = ~np.isclose(found, expected, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    return tuple(int(i) for i in np.argwhere(differs)[0]) if differs.any() else None


def draws(array: Numbers, kind: Drawn) -> bool:
    """Return whether an array of this shape is drawn as this kind."""
    if kind == "curve":
        return array.ndim == 1 or (array.ndim == 2 and len(array) <= CURVES_LIMIT)
    return kind != "" and array.ndim >= 2 and max(array.shape[-3:]) <= NUMBERS_LIMIT


def pictures(expected: Numbers, found: Numbers | None, kind: Drawn) -> tuple[Picture, ...]:
    """Return expected, found, and where the shapes agree their difference; expected alone where nothing was found."""
    shown = [("Expected", expected)] + ([("Yours", found)] if found is not None and draws(found, kind) else [])
    where = first_difference(expected, found) if found is not None else None
    if kind == "curve":
        return _curves(shown, where)
    both = len(shown) == 2 and expected.shape == shown[1][1].shape
    colour = kind == "image" and all(_channels(array) is not None for _, array in shown)
    low, high = _range([array for _, array in shown], unit=colour)
    colours = _GREY if colour else _VIRIDIS
    scale = Scale(short(low), short(high), _bar(colours))
    drawn = [
        _tiled(title, array, [_paint(tile, low, high, colours) for tile in _tiles(array, colour)], scale,
               _place(where, array, colour) if title == "Yours" else None)
        for title, array in shown
    ]  # fmt: skip
    if both:
        with np.errstate(invalid="ignore", over="ignore"):
            difference = shown[1][1] - expected
        kept = difference[np.isfinite(difference)]
        most = float(np.abs(kept).max()) if kept.size else 0.0
        bar = Scale(f"−{short(most)}" if most else "0", short(most), _bar(_DIVERGING))
        tiles = [_paint(_largest(tile), -most, most, _DIVERGING) for tile in _tiles(difference, colour)]
        drawn.append(_tiled("Yours − expected", difference, tiles, bar, _place(where, difference, colour)))
    return tuple(drawn)


# -- tiles -----------------------------------------------------------------------------------------


def _channels(array: Numbers) -> int | None:
    """Return the axis of one or three channels of an image (from the end); None if it has none: then it is a map."""
    if array.ndim >= 3 and array.shape[-3] in (1, 3):
        return -3
    if array.ndim >= 3 and array.shape[-1] in (1, 3):
        return -1
    return 0 if array.ndim == 2 else None


def _tiles(array: Numbers, colour: bool) -> list[Numbers]:
    """Return the tiles: `(H, W)` each, or `(H, W, 3)` where an image has colours."""
    axis = _channels(array) if colour else None
    if axis is None or axis == 0:
        return list(array.reshape(-1, *array.shape[-2:]))[:TILES_LIMIT]
    moved = np.moveaxis(array, axis, -1)
    images = moved.reshape(-1, *moved.shape[-3:])[:TILES_LIMIT]
    return [image[..., 0] if image.shape[-1] == 1 else image for image in images]


def _place(where: tuple[int, ...] | None, array: Numbers, colour: bool) -> tuple[int, int, int] | None:
    """Return (tile, row, column) of an index into the array."""
    if where is None:
        return None
    axis = _channels(array) if colour else None
    if axis in (None, 0):
        tile = int(np.ravel_multi_index(where[:-2], array.shape[:-2])) if array.ndim > 2 else 0
        return tile, where[-2], where[-1]
    dimensions, position = array.ndim, array.ndim + (axis or 0)
    kept = [i for i in range(dimensions) if i != position]
    leading = kept[:-2]
    sizes = tuple(array.shape[i] for i in leading)
    tile = int(np.ravel_multi_index(tuple(where[i] for i in leading), sizes)) if leading else 0
    return tile, where[kept[-2]], where[kept[-1]]


def _range(arrays: Sequence[Numbers], *, unit: bool) -> tuple[float, float]:
    """Return the common range of the colours: 0 to 1 for images that keep to it."""
    finite = np.concatenate([array[np.isfinite(array)] for array in arrays])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    return (0.0, 1.0) if unit and low >= 0 and high <= 1 else (low, high)


def _largest(tile: Numbers) -> Numbers:
    """Return, of a difference in colours, the channel that differs most, at each pixel."""
    if tile.ndim == 2:
        return tile
    size = np.where(np.isfinite(tile), np.abs(tile), np.inf)
    return np.take_along_axis(tile, size.argmax(axis=-1)[..., None], axis=-1)[..., 0]


def _paint(tile: Numbers, low: float, high: float, colours: Numbers) -> Image:
    finite = np.isfinite(tile)
    with np.errstate(invalid="ignore", over="ignore"):
        spread = high - low
        unit = np.where(finite, (tile - low) / spread if 0 < spread < np.inf else 0.5, 0.0)
    unit = np.clip(unit, 0.0, 1.0)
    if tile.ndim == 3:
        pixels = (255 * unit).round().astype(np.uint8)
        pixels[~finite.all(axis=-1)] = _NOT_FINITE
    else:
        pixels = _coloured(unit, colours)
        pixels[~finite] = _NOT_FINITE
    return image_of(pixels)


def _tiled(
    title: str, array: Numbers, tiles: Sequence[Image], scale: Scale, mark: tuple[int, int, int] | None
) -> Picture:
    """Return tiles in rows that make the whole about as wide as high."""
    wide, high = tiles[0].width, tiles[0].height
    gap = max(1.0, _GAP * max(wide, high)) if len(tiles) > 1 else 0.0
    columns = min(len(tiles), max(1, round(math.sqrt(len(tiles) * high / wide) + 0.25)))
    rows = -(-len(tiles) // columns)
    places = [((wide + gap) * (i % columns), (high + gap) * (i // columns)) for i in range(len(tiles))]
    at = None
    if mark is not None and mark[0] < len(tiles):
        at = FirstDifference(places[mark[0]][0] + mark[2], places[mark[0]][1] + mark[1])
    return Picture(
        title=title,
        alt=_described(title, array),
        width=columns * wide + (columns - 1) * gap,
        height=rows * high + (rows - 1) * gap,
        scale=scale,
        tiles=tuple(Tile(x, y, image) for (x, y), image in zip(places, tiles, strict=True)),
        mark=at,
    )


def _coloured(unit: Numbers, colours: Numbers) -> NDArray[np.uint8]:
    stops = np.linspace(0.0, 1.0, len(colours))
    return np.stack([np.interp(unit, stops, colours[:, i]).round().astype(np.uint8) for i in range(3)], axis=-1)


def _bar(colours: Numbers) -> Image:
    return image_of(_coloured(np.linspace(0.0, 1.0, 64)[None, :], colours))


# -- curves ----------------------------------------------------------------------------------------


def _curves(shown: Sequence[tuple[str, Numbers]], where: tuple[int, ...] | None) -> tuple[Picture, ...]:
    """Draw both in one picture, and their difference in another."""
    rows = [(title, np.atleast_2d(array)) for title, array in shown]
    low, high = _range([array for _, array in rows], unit=False)
    styles = {"Expected": "expected", "Yours": "found"}
    lines = [line for title, array in rows for row in array for line in _line(row, low, high, styles[title])]
    names = " and ".join(title for title, _ in rows)
    alt = "; ".join(_described(title, array) for title, array in rows)
    at = None if where is None else _point(rows[-1][1], where, low, high)
    drawn = [Picture(names, alt, _WIDTH, _HEIGHT, None, (), tuple(lines), at, short(low), short(high))]
    if len(rows) == 2 and rows[0][1].shape == rows[1][1].shape:
        with np.errstate(invalid="ignore", over="ignore"):
            difference = rows[1][1] - rows[0][1]
        low, high = _range([difference, np.zeros(1)], unit=False)
        lines = [line for row in difference for line in _line(row, low, high, "difference")]
        title = "Yours − expected"
        at = None if where is None else _point(difference, where, low, high)
        alt = _described(title, difference)
        drawn.append(Picture(title, alt, _WIDTH, _HEIGHT, None, (), tuple(lines), at, short(low), short(high)))
    return tuple(drawn)


def _line(row: Numbers, low: float, high: float, style: str) -> list[Curve]:
    """Return the line of one curve, in pieces where numbers are not finite; a single point is a short dash."""
    pieces, piece = [], []
    for i, value in enumerate([*row.tolist(), math.nan]):
        if math.isfinite(value):
            piece.append(_at(i, value, len(row), low, high))
        elif piece:
            pieces.append(piece if len(piece) > 1 else [(piece[0][0] - 4, piece[0][1]), (piece[0][0] + 4, piece[0][1])])
            piece = []
    return [Curve(" ".join(f"{x:.1f},{y:.1f}" for x, y in points), style) for points in pieces]


def _at(i: int, value: float, count: int, low: float, high: float) -> tuple[float, float]:
    share = i / (count - 1) if count > 1 else 0.5
    spread = high - low
    height = (value - low) / spread if 0 < spread < math.inf else 0.5
    return _PAD + share * (_WIDTH - 2 * _PAD), _HEIGHT - _PAD - height * (_HEIGHT - 2 * _PAD)


def _point(rows: Numbers, where: tuple[int, ...], low: float, high: float) -> FirstDifference | None:
    row, i = (0, where[0]) if len(where) == 1 else (where[0], where[1])
    value = float(rows[row, i])
    return FirstDifference(*_at(i, value, rows.shape[1], low, high)) if math.isfinite(value) else None


# -- words -----------------------------------------------------------------------------------------


def _described(title: str, array: Numbers) -> str:
    text = f"{title}: {' by '.join(map(str, array.shape))} numbers"
    finite = array[np.isfinite(array)]
    if finite.size:
        text += f" from {short(float(finite.min()))} to {short(float(finite.max()))}"
        largest = np.unravel_index(int(np.where(np.isfinite(array), array, -np.inf).argmax()), array.shape)
        text += f", largest at {position(tuple(int(i) for i in largest), array.shape)}"
    missing = array.size - finite.size
    return f"{text}; {missing} are not finite" if missing else text


def position(index: tuple[int, ...], shape: tuple[int, ...], kind: Drawn = "") -> str:
    """Return an index in words, counted from 1: `image 2, channel 1, row 3, column 4`."""
    first = "channel" if kind == "image" and shape[0] in (1, 3) else "map"
    names = {1: ("entry",), 2: ("row", "column"), 3: (first, "row", "column")}
    named = names.get(len(shape), ("image", "channel", "row", "column"))
    parts = [f"{name} {i + 1}" for name, i, size in zip(named, index, shape, strict=True) if size > 1]
    return ", ".join(parts) or "entry 1"


def short(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
