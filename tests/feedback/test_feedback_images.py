"""Pictures in outputs: PNGs of bounded size, without anything but their pixels, or none at all."""

from __future__ import annotations

import base64
import contextlib
import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.feedback import render_feedback
from autograder.notebooks.png import ImageRefused
from autograder.pages.png import image_from_notebook


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 2, height: int = 2, *extra: bytes, end: bool = True) -> str:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra)
    data += chunk(b"IDAT", zlib.compress(b"\0\0\0" * 2)) + (chunk(b"IEND", b"") if end else b"")
    return base64.b64encode(data).decode()


def test_pictures_lose_everything_but_pixels():
    image = image_from_notebook(png(2, 2, chunk(b"tEXt", b"Author\0Ada"), chunk(b"iCCP", b"p\0\0" + b"bomb" * 9)))
    assert (image.width, image.height) == (2, 2)
    kept = base64.b64decode(image.uri.split(",")[1])
    assert b"Ada" not in kept
    assert b"bomb" not in kept
    assert base64.b64encode(kept).decode() == png()


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (png(60_000, 60_000), "too many"),
        (png(0, 5), "too many"),
        (png(end=False), "damaged"),
        (png()[:-20], "damaged"),
        (base64.b64encode(b"<svg onload=alert(1)>").decode(), "not a PNG"),
        ("data:image/png;base64,xx", "base64"),
        ("\u202e", "base64"),
        (None, "base64"),
        (7, "base64"),
        ("A" * 6_000_000, "larger than"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_pictures_that_are_not_shown(encoded, reason):
    with pytest.raises(ImageRefused, match=reason):
        image_from_notebook(encoded)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_refused(data):
    with contextlib.suppress(ImageRefused):
        image_from_notebook(base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode())


def test_too_many_pictures_are_too_much(samples):
    noise = base64.b64encode(bytes(range(256)) * 8_000)
    body = base64.b64decode(noise)
    big = png(2, 2, chunk(b"IDAT", body))
    outputs = [{"output_type": "display_data", "data": {"image/png": big}}] * 30
    cell = replace(samples["partly"].notebook.cells[1], outputs=outputs)
    page = render_feedback(samples["partly"].result, replace(samples["partly"].notebook, cells=[cell]))
    assert len(page) < 14_000_000
    assert "too large together" in page
