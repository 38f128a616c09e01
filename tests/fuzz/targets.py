"""Every reader of untrusted bytes, as a function that must hold for any bytes.

A target returns nothing. It raises where a reader did what it must never do: raised anything but its own error, gave
back what breaks a promise, or let something onto a page that a browser would run.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import tempfile
import unicodedata
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import torch  # noqa: F401 - or the first input with a tensor would wait for it, and count as slow
from markdown_it import MarkdownIt
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from tokens import TOKENS

from autograder.grading.reference_weights import tensor_sizes
from autograder.notebooks.markdown import harmless_cell
from autograder.notebooks.png import SIGNATURE, ImageRefused, checked_png
from autograder.notebooks.read import NotebookError, read_notebook
from autograder.pages.code import highlight_lines
from autograder.pages.markdown import render_markdown
from autograder.sandbox.inside.wire.decoder import Decoder
from autograder.sandbox.inside.wire.envelopes import EnvelopeError, EnvelopeReader
from autograder.sandbox.inside.wire.protocol import PREFIX, ProtocolError, encode_frame, read_frame
from autograder.sandbox.inside.wire.values import KEYS, HandleRef, Other
from autograder.sandbox.student import StudentError, parse_error
from autograder.submissions.archives import list_files
from autograder.submissions.listing import FileRefused

LOADED = (
    "script",
    "img",
    "iframe",
    "style",
    "svg",
    "link",
    "meta",
    "object",
    "embed",
    "form",
    "input",
    "base",
    "video",
)
LINKS = ("", "http", "https")
TARS = {b"\x1f": "tar.gz", b"B": "tar.bz2", b"\xfd": "tar.xz"}
MOST_READ = 1 << 20  # bytes of one member of an archive that are looked at here


def notebook(data: bytes) -> None:
    """A notebook is read or refused in one line; what is kept can be written as JSON in UTF-8."""
    refused = ""
    try:
        read = read_notebook(data, "a.ipynb")
    except NotebookError as error:
        refused = str(error)
    if refused:
        assert refused.startswith("a.ipynb"), "a message that does not name the file"
        assert len(refused) < 2000
        return
    for cell in read.cells:
        cell.source.encode()
        json.dumps([cell.outputs, dict(cell.attachments), sorted(cell.tags), cell.id, cell.grade_id]).encode()
        assert "\r" not in cell.source
    "".join(read.notices).encode()


def archive(data: bytes) -> None:
    """The files of a zip or tar are listed under names that stay inside a folder, and each is read or refused.

    What does not begin as a zip is taken for a tar, packed in one way or another by its first byte.
    """
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        kind = "zip" if data[:2] == b"PK" else TARS.get(data[:1], "tar")
        path = Path(folder) / f"upload.{kind}"
        path.write_bytes(data)
        try:
            listing = list_files(path)
        except FileRefused:
            return
        for entry in listing.entries:
            assert entry.parts
            assert not any(part in ("", ".", "..") or "/" in part or "\0" in part for part in entry.parts), entry.parts
            if entry.size <= MOST_READ:
                with contextlib.suppress(FileRefused):
                    assert len(entry.read()) <= max(entry.size, len(data))
        for refused in listing.refused:
            hidden = [char for char in refused.source if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
            assert not hidden, hidden
            refused.message.encode()


def frame(data: bytes) -> None:
    """A frame is read whole or refused, both as a request and as a reply; what was read can be sent again.

    The first byte chooses: bytes as they arrive, or a header (and a body of 64 bytes) whose lengths are right.
    """
    choice, rest = data[:1], data[1:]
    if choice < b"\x80":
        sent = rest
    else:
        body = bytes(64) if choice < b"\xc0" else b""
        sent = PREFIX.pack(len(rest), len(body)) + rest + body
    for strides in (False, True):
        stream = io.BytesIO(sent)

        def receive(size: int, stream: io.BytesIO = stream) -> bytes:
            found = stream.read(size)
            if len(found) < size:
                raise EOFError
            return found

        try:
            header, arrays = read_frame(receive, strides=strides)
        except (ProtocolError, EOFError):
            continue
        assert strides or all(array.strides is None for array in arrays)
        encode_frame(header, arrays)
        decoder = Decoder(arrays, lambda reference: reference)
        with contextlib.suppress(ProtocolError):
            _check_value(decoder.decode(header.get("value")))
        with contextlib.suppress(ProtocolError):
            assert isinstance(parse_error(header.get("error")), StudentError)


def _check_value(value: object) -> None:
    if isinstance(value, (list, tuple)):
        for item in value:
            _check_value(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            assert all(type(part) in KEYS or type(part) is Other for part in (key if type(key) is tuple else (key,)))
            _check_value(item)
    else:
        kinds = {
            "Tensor",
            "ndarray",
            *(kind.__name__ for kind in (HandleRef, Other, bytes, complex, str, int, float, bool)),
        }
        assert value is None or type(value).__name__ in kinds, type(value)


def envelopes(data: bytes) -> None:
    """A stream of envelopes is cut in the same way wherever its bytes are split, or refused."""

    def cut(parts: list[bytes]) -> object:
        reader, found = EnvelopeReader(), []
        try:
            for part in parts:
                found += reader.feed(part)
        except EnvelopeError:
            return "refused"
        return found

    place = data[0] if data else 0
    whole, split = cut([data]), cut([data[:place], data[place:]])
    assert whole == split


def safetensors(data: bytes) -> None:
    """A safetensors file has hashes and counts of its tensors, none beyond its own size, or nothing."""
    for source in (data, len(data).to_bytes(8, "little") + data + bytes(4096)):
        sizes = tensor_sizes(source)
        assert all(len(digest) == 64 and size >= 256 for digest, size in sizes.items())
        assert sum(sizes.values()) <= len(source)


def markdown(data: bytes) -> None:
    """A Markdown cell becomes HTML that loads nothing, runs nothing and links to the web only."""
    text = _text(data)
    _Page().feed(str(render_markdown(text)))
    lines = highlight_lines(text)
    _Page().feed("\n".join(map(str, lines)))


def _text(data: bytes) -> str:
    """A cell's text. The first byte chooses: as it is, with what is no text, or pieces of Markdown, one a byte."""
    if data[:1] == b"\xfe":
        return "".join(TOKENS[byte % len(TOKENS)] for byte in data[1:])
    return data.decode("utf-8", "surrogateescape" if data[:1] == b"\xff" else "replace")


class _Page(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in LOADED, f"<{tag}> on a page"
        for name, value in attrs:
            assert not name.startswith("on"), f"{name} on a page"
            assert name not in ("src", "style", "srcset", "xlink:href", "formaction", "id"), f"{name} on a page"
            if name == "href":
                assert urlsplit((value or "").strip()).scheme in LINKS, f"a link to {value!r}"

    handle_startendtag = handle_starttag


def formgrader(data: bytes) -> None:
    """A Markdown cell for nbgrader, whose pages sanitise nothing: as nbconvert or another renderer sets it, it loads
    and runs nothing, links to the web and to mail only, and shows no picture but those handed in with the cell."""
    text = _text(data)
    written, shown = harmless_cell(text, {"a.png": "AAAA", "b c.png": "BBBB"})
    assert set(shown) <= {"picture-1.png", "picture-2.png"}
    for source, pictures in ((written, shown), harmless_cell(written, {})):
        bundles = {name: {"image/png": picture} for name, picture in pictures.items()}
        renderer = IPythonRenderer(escape=False, attachments=bundles)  # refuses one that is missing
        _Formgrader().feed(MarkdownWithMath(renderer=renderer)(source))
        _Formgrader().feed(MarkdownIt("commonmark").enable("table").render(source))


class _Formgrader(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "img" or tag not in LOADED, f"<{tag}> on a page"
        for name, value in attrs:
            assert not name.startswith("on"), f"{name} on a page"
            assert name not in ("srcset", "xlink:href", "formaction"), f"{name} on a page"
            assert name != "style" or str(value).startswith("text-align:"), f"style={value!r} on a page"
            if name == "href":
                assert urlsplit((value or "").strip()).scheme in (*LINKS, "mailto"), f"a link to {value!r}"
            if name == "src":
                assert str(value).startswith(("data:image/png;base64,", "attachment:")), f"a picture from {value!r}"

    handle_startendtag = handle_starttag


def png(data: bytes) -> None:
    """An image is a PNG of the chunks that a decoder needs, within bounds, or refused; it passes a second check.

    The first byte chooses: bytes as they are, or chunks whose checksums are right.
    """
    if data[:1] >= b"\x80":
        raw = data[1:]
        data, place = SIGNATURE, 0
        names = (b"IHDR", b"IDAT", b"IEND", b"tEXt", b"PLTE", b"iCCP", b"acTL", b"zzzz")
        while place < len(raw):
            name, size = names[raw[place] % 8], raw[place] // 8
            body = raw[place + 1 : place + 1 + size]
            data += len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
            place += 1 + size
    try:
        checked = checked_png(base64.b64encode(data).decode())
    except ImageRefused:
        return
    assert checked.data.startswith(SIGNATURE)
    assert _chunks(checked.data) <= {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"IDAT", b"IEND"}
    assert 0 < checked.width * checked.height <= 16_000_000
    again = checked_png(base64.b64encode(checked.data).decode())
    assert again == checked


def _chunks(data: bytes) -> set[bytes]:
    """The names of a PNG's chunks."""
    names, place = set(), len(SIGNATURE)
    while place < len(data):
        names.add(data[place + 4 : place + 8])
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    return names


TARGETS: dict[str, Callable[[bytes], None]] = {
    "notebook": notebook,
    "archive": archive,
    "frame": frame,
    "envelopes": envelopes,
    "safetensors": safetensors,
    "markdown": markdown,
    "formgrader": formgrader,
    "png": png,
}
