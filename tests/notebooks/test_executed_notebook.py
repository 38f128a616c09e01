"""The executed notebook: valid, complete, and harmless in a page that renders it unsanitised."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebooks.executed import GRADED, SUBMITTED, executed_notebook, harmless_markdown
from autograder.notebooks.read import read_notebook


def png(width: int, height: int) -> str:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


def shown(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {"x": "<script>"}}


def said(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def written(*cells: dict[str, Any], ours: Any = None, **more: Any) -> dict[str, Any]:
    cells = (*cells, {"cell_type": "code", "source": "last = 1"})
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"evil": "<script>"}, "cells": list(cells)}
    notebook = read_notebook(json.dumps(document).encode(), "a.ipynb")
    return json.loads(executed_notebook(notebook, ours or {}, **more))


def code(*outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": "f(x)", "metadata": {}, "outputs": list(outputs), **more}


def test_it_is_valid_for_nbformat() -> None:
    nbformat = pytest.importorskip("nbformat")
    cells = [code(said("a"), id="same"), code(said("b"), id="same"), code(shown({"image/png": png(2, 2)}), id="a b/"),
             {"cell_type": "markdown", "source": "# T", "attachments": {"a.png": {"image/png": png(1, 1)}}},
             {"cell_type": "raw", "source": "r"}, {"cell_type": "heading", "source": "old"}]  # fmt: skip
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["cell 0"]}
    made = written(*cells, ours={0: [said("c"), error], 2: [shown({"text/plain": "t"})]})
    nbformat.validate(nbformat.from_dict(made))
    assert len({cell["id"] for cell in made["cells"]}) == 7


def test_submitted_and_own_outputs_stand_side_by_side() -> None:
    outputs = written(code(said("mine")), ours={0: [said("theirs")]})["cells"][0]["outputs"]
    assert [output["text"] for output in outputs] == [SUBMITTED, "mine", GRADED, "theirs"]


def test_equal_outputs_are_shown_once() -> None:
    assert written(code(said("a"), said("b")), ours={0: [said("ab")]})["cells"][0]["outputs"] == [said("ab")]


def test_cells_that_did_not_run_or_are_graded_by_hand_keep_what_was_handed_in() -> None:
    assert written(code(said("kept")))["cells"][0]["outputs"] == [said("kept")]
    kept = written(code(said("kept")), ours={0: []}, graded_by_hand={0})["cells"][0]["outputs"]
    assert said("kept") in kept


def test_metadata_comes_from_us_alone() -> None:
    mine = code(metadata={"tags": ["t"], "nbgrader": {"grade_id": "q", "points": 99}, "x": "<script>"})
    made = written(mine, metadata={0: {"nbgrader": {"grade_id": "ours"}}})
    assert made["cells"][0]["metadata"] == {"tags": ["t"], "nbgrader": {"grade_id": "ours"}}
    assert "<script>" not in json.dumps(made)


@pytest.mark.parametrize("data", [
    {"text/html": "<script>alert(1)</script>"},
    {"image/svg+xml": "<svg onload=alert(1)>"},
    {"application/javascript": "alert(1)"},
    {"text/markdown": "<img src=x onerror=alert(1)>"},
    {"text/latex": "\\href{javascript:alert(1)}{x}"},
    {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}},
    {"image/png": "<script>alert(1)</script>"},
    {"image/jpeg": "x\" onerror=\"alert(1)"},
])  # fmt: skip
def test_active_outputs_become_text(data: dict[str, Any]) -> None:
    for output in written(code(shown(data)), ours={1: [shown(data)]})["cells"][0]["outputs"]:
        assert set(output.get("data", {})) <= {"text/plain"}


@pytest.mark.parametrize(("image", "kept"), [
    (png(3, 2), True), (png(0, 5), False), (png(100_000, 2), False), (png(5000, 5000), False),
    (base64.b64encode(b"GIF89a" + b"x" * 60).decode(), False), ("", False), ("é", False),
    ([png(3, 2)[:20] + "\n", png(3, 2)[20:]], True), (5, False),
])  # fmt: skip
def test_pictures_are_checked(image: Any, kept: bool) -> None:
    outputs = written(code(shown({"image/png": image})))["cells"][0]["outputs"]
    assert any("image/png" in output.get("data", {}) for output in outputs) is kept


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b onclick=x>b</b>", "<!-- x --><style>*{}</style>",
    "[x](javascript:alert(1))", "[x](  <JaVaScRiPt:alert(1)>)", "[x](java&#115;cript:alert(1))",
    "[x](&#x6a;avascript:a)",
    "[x]: javascript:alert(1)", "![x](data:text/html;base64,AAAA)", "[x](java\tscript:alert(1))", "[x](vbscript:x)",
    "$\\href{javascript:alert(1)}{x}$", "<javascript:alert(1)>", "<a\nhref=javascript:alert(1)>x</a>", "<?php x ?>",
    "[x](javascript&colon;alert(1))",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_renders_to_nothing_active(text: str) -> None:
    """Rendered by nbconvert's own renderer, which formgrader uses, with sanitising off."""
    mistune = pytest.importorskip("nbconvert.filters.markdown_mistune")
    page = mistune.markdown2html_mistune(harmless_markdown(text))
    tags = re.findall(r"<\s*([a-zA-Z!?/]+)", page)
    assert set(tags) <= {"p", "/p", "a", "/a", "img"}
    opened = " ".join(re.findall(r"<[a-zA-Z][^>]*>", page))
    for attribute in re.findall(r"""(?:href|src)\s*=\s*["']?([^"'\s>]*)""", opened):
        assert not re.match(r"(?i)\s*(javascript|vbscript|data)", attribute)
    assert not re.search(r"<[^>]*\son\w+\s*=", page)
    assert "\\href" not in page


@pytest.mark.parametrize("text", [
    "# Title\n\n*a* and `x < y` and $a<1$", "| a | b |\n|---|---|\n| 1 | 2 |", "[paper](https://arxiv.org/abs/1503.02531)",
    "![plot](attachment:a.png)", "[up](#top) and [mail](mailto:a@b.c)", "if a < b and c > d", "[rel](docs/x.md)",
])  # fmt: skip
def test_honest_markdown_stays(text: str) -> None:
    assert harmless_markdown(text) == text


@given(st.text(alphabet="<>/!?ab []():`&;#x\n\\-", max_size=60))
def test_no_text_opens_a_tag(text: str) -> None:
    assert not re.search(r"<[A-Za-z/!?]", harmless_markdown(text))
