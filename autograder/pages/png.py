"""PNG images: which ones from a notebook are let onto a page, and small ones of our own making.

A reader's browser decodes what is embedded, so an image must be a PNG of bounded size and nothing else: chunks that
a decoder needs are kept, all others (texts, colour profiles, animation, anything compressed beside the pixels) go.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BYTES_LIMIT = 3_000_000
SIDE_LIMIT = 6_000
PIXELS_LIMIT = 16_000_000
_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"IDAT", b"IEND"})


class NotShown(ValueError):
    """An image that the page does not show; the message says why, for the student."""


@dataclass(frozen=True)
class Image:
    uri: str
    width: int
    height: int


def checked_image(encoded: object) -> Image:
    """The image of an output's `image/png` entry (base64). Raises NotShown."""
    if isinstance(encoded, (list, tuple)):  # nbformat's multi-line strings
        encoded = "".join(part for part in encoded if isinstance(part, str))
    if not isinstance(encoded, str):
        raise NotShown("it is not text in base64")
    if len(encoded) > BYTES_LIMIT * 3 // 2:
        raise NotShown(f"it is larger than {BYTES_LIMIT // 1_000_000} MB")
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise NotShown("it is not valid base64") from None
    if len(data) > BYTES_LIMIT:
        raise NotShown(f"it is larger than {BYTES_LIMIT // 1_000_000} MB")
    kept, width, height = _kept_chunks(data)
    return Image(_uri(kept), width, height)


def _kept_chunks(data: bytes) -> tuple[bytes, int, int]:
    if not data.startswith(SIGNATURE):
        raise NotShown("it is not a PNG")
    parts, position, width, height = [SIGNATURE], len(SIGNATURE), 0, 0
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        name, end = data[position + 4 : position + 8], position + 12 + length
        if end > len(data) or zlib.crc32(data[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise NotShown("it is a damaged PNG")
        if (name == b"IHDR") != (position == len(SIGNATURE)):
            raise NotShown("it is a damaged PNG")
        if name == b"IHDR":
            if length != 13:
                raise NotShown("it is a damaged PNG")
            width, height = struct.unpack_from(">II", data, position + 8)
            if not (0 < width <= SIDE_LIMIT and 0 < height <= SIDE_LIMIT and width * height <= PIXELS_LIMIT):
                raise NotShown(f"{width} by {height} pixels are too many")
        if name in _KEPT:
            parts.append(data[position:end])
        position = end
        if name == b"IEND":
            return b"".join(parts), width, height
    raise NotShown("it is a damaged PNG")


def image_of(pixels: NDArray[np.uint8]) -> Image:
    """A `(height, width, 3)` array as a PNG."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # filter type 0 before each row
    rows[:, 1:] = pixels.reshape(height, 3 * width)
    data = SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data += _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + _chunk(b"IEND", b"")
    return Image(_uri(data), width, height)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _uri(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
