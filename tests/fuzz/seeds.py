"""Where fuzzing begins: inputs of the tests, as each target reads them."""

from __future__ import annotations

import importlib.util
import io
import json
import struct
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
CRASHES = Path(__file__).resolve().parent / "crashes"


def seeds(target: str) -> list[bytes]:
    """The seeds of a target, without repeats, and the inputs that once broke it."""
    kept = [path.read_bytes() for path in sorted((CRASHES / target).glob("*"))]
    return list(dict.fromkeys([*_MAKERS[target](), *kept]))


def _module(path: str) -> ModuleType:
    """A file of tests, for the inputs in it."""
    file = TESTS / path
    spec = importlib.util.spec_from_file_location(f"seeds_from_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    sys.path.insert(0, str(file.parent))
    try:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(file.parent))
    return module


def _document(**more: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": "x = 1"}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more


def _notebooks() -> Iterator[bytes]:
    yield json.dumps(_document()).encode()
    yield json.dumps(
        _document(nbformat=3, worksheets=[{"cells": [{"cell_type": "code", "input": ["a", "b"]}]}])
    ).encode()
    rich = _document()["cells"][0] | {
        "id": "a",
        "metadata": {"nbgrader": {"grade_id": "q", "solution": True}, "tags": ["check", 1]},
        "outputs": [
            {"output_type": "stream", "name": "stderr", "text": ["a\r", "b"]},
            {"output_type": "display_data", "data": {"text/html": "<b>", "image/png": "AAAA"}, "metadata": {}},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31m"]},
        ],
    }
    text = {
        "cell_type": "markdown",
        "source": ["# ", "é\ud800"],
        "attachments": {"a.png": {"image/png": "iVBORw0KGgo="}},
    }
    metadata = {"autograder": {"assignment": "a", "release": "r"}, "kernelspec": {"language": "python"}}
    yield json.dumps(_document(cells=[rich, text], metadata=metadata)).encode()
    for text_ in ("[]", "null", '{"cells": 1}', '{"nbformat": 4.5, "cells": [null, []]}', "{" * 50, '{"a":1,"a":2}'):
        yield text_.encode()
    yield "﻿".encode() + json.dumps(_document()).encode("utf-8")
    yield json.dumps(_document()).encode("utf-16")


def _zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for name, data in members:
            file.writestr(name, data)
    return made.getvalue()


def _archives() -> Iterator[bytes]:
    inner = _zip(("b.ipynb", b"{}"))
    yield inner
    yield _zip(("a/b.ipynb", b"{}"), ("../c.ipynb", b"{}"), ("/d", b""), ("a\\e", b"1"), ("f.zip", inner))
    yield _zip(("é/ü.ipynb", b"{}"), ("a" * 300, b"x" * 5000), ("__MACOSX/._a", b""), method=zipfile.ZIP_STORED)
    yield _zip(("zeros", bytes(1 << 16)), ("lzma", b"1" * 99), method=zipfile.ZIP_LZMA)
    yield inner[:-7]
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode=mode) as tar:
            for name, data in (("a/b.ipynb", b"{}"), ("../c", b"x"), ("d.zip", inner)):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
            link = tarfile.TarInfo("e")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        yield made.getvalue()
    yield b"PK\5\6" + bytes(18)


def _frames() -> Iterator[bytes]:
    wire, requests = _module("sandbox/wire/test_protocol.py"), _module("sandbox/wire/test_requests.py")
    for sent in wire.REFUSED.values():
        if len(sent) < 4096:
            yield b"\0" + sent
            yield b"\xff" + sent[12:]
    for header in requests.FORGED.values():
        yield b"\xff" + header
    yield b"\0" + wire.encode_frame(
        {"id": 1, "value": {"tensor": 0}}, [wire.RawArray("uint8", (3, 2), b"abcdef", (1, 3))]
    )
    value = '{"dict":[["a",{"tuple":[{"float":"0x1p+1"},{"complex":["nan","inf"]}]}],[{"other":"X"},{"bytes":"AA=="}]]}'
    yield b"\xff" + b'{"id":1,"ok":true,"value":%s,"arrays":[]}' % value.encode()
    arrays = '[{"dtype":"float32","shape":[4,4],"strides":[1,4]}]'
    yield b"\x80" + b'{"id":1,"ok":true,"value":{"tensor":0},"arrays":%s}' % arrays.encode()
    error = '{"type":"ValueError","message":"no","lines":[[0,1,"x"]],"where":"student"}'
    yield b"\xff" + b'{"id":1,"ok":false,"error":%s,"arrays":[]}' % error.encode()


def _envelopes() -> Iterator[bytes]:
    from autograder.sandbox.inside.wire.envelopes import Kind, encode

    yield b"".join(encode(kind, number, b"x" * number) for number, kind in enumerate(Kind))
    yield encode(Kind.EVENT, 1, b'{"event": "exit"}')[:-3]
    yield struct.pack(">BII", 99, 1, 0)


def _safetensors() -> Iterator[bytes]:
    import numpy
    from safetensors.numpy import save

    yield save({"a": numpy.arange(600, dtype=numpy.float32), "b": numpy.ones((2, 300), numpy.float16)})
    for header in (
        {"a": {"dtype": "F32", "shape": [300], "data_offsets": [0, 1200]}},
        {str(i): {"dtype": "F32", "shape": [2, 256], "data_offsets": [0, 2048]} for i in range(9)},
        {"a": {"dtype": "F16", "shape": [-1, True], "data_offsets": [5]}, "__metadata__": None},
    ):
        yield json.dumps(header).encode()


def _markdown() -> Iterator[bytes]:
    for text in (
        "# A\n\n*b* **c** `d` [e](https://f.g 'h') ![i](j.png)\n\n1. k\n2. l\n\n> m\n",
        "| n | o |\n|---|---|\n| p | q |\n\n***\n\nSetext\n===\n",
        "<script>alert(1)</script> <img src=x onerror=y> <b>z</b> <kbd onclick=a>b</kbd>",
        "[a]: javascript:alert(1)\n[a] [b](JaVaScRiPt:x) <javascript:x> [c](data:text/html,x) <https://a.b>",
        "<details><summary>More</summary>\n\n$x^2 \\frac{a}{b}$\n\n$$\\text{<script>}$$\n</details>",
        "~~~python class=x\n</code></pre><script>\n~~~\n\n    <b>\n",
        "&lt;script&gt; &#60;script&#62; &colon; \\<a\\> \u202e \x00 \x1b[31m",
        "$$\\href{javascript:x}{y} \\style{color:red}{z} \\unicode{60}$$",
    ):
        yield text.encode()
    yield from (b"\xfe" + bytes(range(first, 256, 5)) for first in range(5))


def _formgrader() -> Iterator[bytes]:
    yield from _markdown()
    for text in (
        "> [a]: javascript:alert(1)\n>\n> [a] ![b](attachment:a.png) ![c](attachment:b%20c.png) ![d](http://e/f.png)\n",
        "1. a\n   - b\n\n         c\n2) d\n\n***\n\n| a | `b|c` |\n|:-:|---|\n| $d$ | ~~e~~ |\n",
        "<a&#58;b> <j&#97;vascript:x> [a](<java\nscript:x>) [b](&#106;avascript:x) <mailto:a@b.c> <!-- a -->",
        "$$\n\\href{javascript:x}{y}\n$$ \\(\\unicode{60}\\) `` ` `` ```a\n<script>\n```\n",
        "[^1]\n\n[^1]: <script>\n\n*[HTML]: <b>\n\nTerm\n: <img src=x>\n",
    ):
        yield text.encode()


def _pngs() -> Iterator[bytes]:
    from base64 import b64decode

    import numpy

    from autograder.pages.png import image_of

    uri = image_of(numpy.zeros((2, 3, 3), numpy.uint8)).uri
    yield b"\0" + b64decode(uri.partition(",")[2])
    ihdr = struct.pack(">IIBBBBB", 2, 3, 8, 2, 0, 0, 0)
    yield b"\xff" + bytes([0 + 8 * 13]) + ihdr + bytes([1 + 8 * 4]) + b"abcd" + bytes([3 + 8 * 2]) + b"ab" + bytes([2])
    yield b"\xff" + bytes([0 + 8 * 13]) + struct.pack(">IIBBBBB", 1 << 31, 3, 8, 2, 0, 0, 0) + bytes([2])


_MAKERS = {
    "notebook": _notebooks,
    "archive": _archives,
    "frame": _frames,
    "envelopes": _envelopes,
    "safetensors": _safetensors,
    "markdown": _markdown,
    "formgrader": _formgrader,
    "png": _pngs,
}
