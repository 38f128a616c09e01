"""PNG images as data URIs: checked ones of a notebook, and small ones of our own making."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.notebooks.png import SIGNATURE, checked_png


@dataclass(frozen=True)
class Image:
    """A picture on a page: its data URI, width and height in pixels."""

    uri: str
    width: int
    height: int


def image_from_notebook(encoded: object) -> Image:
    """Return the image of an output's `image/png` entry (base64). Raises ImageRefused."""
    png = checked_png(encoded)
    return Image(_uri(png.data), png.width, png.height)


def image_of(pixels: NDArray[np.uint8]) -> Image:
    """Return the image of an array of shape (height, width, 3)."""
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
