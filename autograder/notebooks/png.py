"""Which PNG images of an untrusted notebook are let through, and in what form.

A reader's browser decodes what is embedded, so an image must be a PNG of bounded size and nothing else: chunks that
a decoder needs are kept, all others (texts, colour profiles, animation, anything compressed beside the pixels) go.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BYTES_LIMIT = 3_000_000
SIDE_LIMIT = 6_000
PIXELS_LIMIT = 16_000_000
_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"IDAT", b"IEND"})


class ImageRefused(ValueError):
    """An image that is not shown; the message says why, for the student."""


@dataclass(frozen=True)
class Png:
    """A checked PNG: its bytes without what a decoder does not need; width and height in pixels."""

    data: bytes
    width: int
    height: int


def checked_png(encoded: object) -> Png:
    """Return the image of an output's `image/png` entry (base64 in text or a list of texts). Raises ImageRefused."""
    if isinstance(encoded, (list, tuple)):  # nbformat's multi-line strings
        encoded = "".join(part for part in encoded if isinstance(part, str))
    if not isinstance(encoded, str):
        raise ImageRefused("it is not text in base64")
    if len(encoded) > BYTES_LIMIT * 3 // 2:
        raise ImageRefused(f"it is larger than {BYTES_LIMIT // 1_000_000} MB")
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ImageRefused("it is not valid base64") from None
    if len(data) > BYTES_LIMIT:
        raise ImageRefused(f"it is larger than {BYTES_LIMIT // 1_000_000} MB")
    return _checked(data)


def _checked(data: bytes) -> Png:
    if not data.startswith(SIGNATURE):
        raise ImageRefused("it is not a PNG")
    parts, position, width, height = [SIGNATURE], len(SIGNATURE), 0, 0
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        name, end = data[position + 4 : position + 8], position + 12 + length
        if end > len(data) or zlib.crc32(data[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise ImageRefused("it is a damaged PNG")
        if (name == b"IHDR") != (position == len(SIGNATURE)):
            raise ImageRefused("it is a damaged PNG")
        if name == b"IHDR":
            if length != 13:
                raise ImageRefused("it is a damaged PNG")
            width, height = struct.unpack_from(">II", data, position + 8)
            if not (0 < width <= SIDE_LIMIT and 0 < height <= SIDE_LIMIT and width * height <= PIXELS_LIMIT):
                raise ImageRefused(f"{width} by {height} pixels are too many")
        if name in _KEPT:
            parts.append(data[position:end])
        position = end
        if name == b"IEND":
            return Png(b"".join(parts), width, height)
    raise ImageRefused("it is a damaged PNG")
