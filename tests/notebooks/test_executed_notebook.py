"""The executed notebook: valid, complete, and harmless in a page that renders it unsanitised."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebooks.executed import GRADED, SUBMITTED, executed_notebook
from autograder.notebooks.markdown import harmless_cell, harmless_markdown
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
    "[x](javascript&colon;alert(1))", "> [x]: javascript:alert(1)\n\n[x]",
    "- [x]: javascript:alert(1)\n\n[x] and [y][x]",
    "1. [x]: <javascript:alert(1)>\n\n   [x]", "[x]:\njavascript:alert(1)\n\n[x]", "![x](https://evil.example/a.png)",
    "[x]: https://evil.example/a.png\n\n![x]", "![x](//evil.example/a.png)", "[x](/formgrader/manage)", "[x](../api)",
    "![x](attachment:missing.png)", "> > * [x]: data:text/html,a\n\n[x]", "``` <script>\n<script>alert(1)</script>",
    "| a |\n|---|\n| [x](javascript:a) <b onclick=a> |", "`` ` `` <script>", "\\<script>alert(1)\\</script>",
    "$a$ <script> $b$", "$`$ <script>alert(1)</script> `", "a\\\n<script>", "* a\n\n      <script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_renders_to_nothing_active(text: str) -> None:
    """Rendered by nbconvert's own renderer, which formgrader uses, with sanitising off."""
    mistune = pytest.importorskip("nbconvert.filters.markdown_mistune")
    page = mistune.markdown2html_mistune(harmless_markdown(text))
    tags = re.findall(r"<\s*([a-zA-Z!?/]+)", page)
    harmless = {"p", "a", "ul", "ol", "li", "blockquote", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"}
    harmless |= {"div", "span", "strong", "em", "br", "h1"}
    assert {tag.strip("/") for tag in tags} <= harmless
    opened = " ".join(re.findall(r"<[a-zA-Z][^>]*>", page))
    for attribute in re.findall(r"""(?:href|src)\s*=\s*["']?([^"'\s>]*)""", opened):
        assert re.match(r"(?i)https?://|mailto:|#|$", attribute), attribute
    assert "<img" not in page, "no request is made"
    assert not re.search(r"<[^>]*\son\w+\s*=", page)
    assert "\\href" not in page


SAME = [
    "# Title\n\n*a* and `x < y` and $a<1$", "| a | b |\n|---|---|\n| 1 | 2 |", "[paper](https://arxiv.org/abs/1503.02531)",
    "[up](#top) and [mail](mailto:a@b.c)", "if a < b and c > d", "one\ntwo  \nthree", "- a\n- b\n    - c\n",
    "2. a\n3. b\n",
    "> a\n> b", "**bold** and ~~not~~", "```python\nx = 1\n\n# a\ny = a < b\n```", "    indented\n    code", "---",
    "$$\n\\frac{1}{2}\n$$", "a snake_case name, 3 * 4 * 5, a_b_c, 2_000 and $5", "[x]: https://a.example/b\n\n[x]",
    "a & b &amp; c", "1\\. no list\n\n\\- no list", "`a|b`", "x^2 is \\(x\\)", "Line - with a dash", "the end.",
    "$x_1 * y_2$ and $z_3 * w$", "*a **b** c*", "![plot](attachment:a.png)",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_honest_markdown_reads_the_same(text: str) -> None:
    mistune = pytest.importorskip("nbconvert.filters.markdown_mistune")

    def page(source: str, pictures: dict[str, str]) -> str:
        bundles = {name: {"image/png": image} for name, image in pictures.items()}
        renderer = mistune.IPythonRenderer(escape=False, attachments=bundles)
        html = mistune.MarkdownWithMath(renderer=renderer)(source)
        return re.sub(r"\s+", " ", re.sub(r"<(?!img)[^>]*>|\u2060", " ", unescape(html))).strip()

    written, pictures = harmless_cell(text, {"a.png": png(3, 2)})
    assert page(written, pictures) == page(text, {"a.png": png(3, 2)})


@pytest.mark.parametrize("name", ["image.png", "Screenshot 1.png", "a (1).png", "été.png"])
def test_a_pasted_picture_is_shown_whatever_its_name(name: str) -> None:
    from urllib.parse import quote

    text, pictures = harmless_cell(f"![plot](attachment:{quote(name)})", {name: png(3, 2)})
    assert text == "![plot](attachment:picture-1.png)"
    assert pictures == {"picture-1.png": png(3, 2)}


def test_a_picture_that_is_missing_or_of_another_kind_is_named() -> None:
    cell = {"cell_type": "markdown", "metadata": {}, "source": "![my plot](attachment:a.jpg) ![b](attachment:b.png)",
            "attachments": {"a.jpg": {"image/jpeg": "/9j/"}}}  # fmt: skip
    kept = next(found for found in written(cell)["cells"] if "plot" in found["source"])
    assert "attachments" not in kept
    assert "attachment:" not in kept["source"]
    assert "picture my plot cannot be shown here" in kept["source"]


def test_a_very_long_cell_is_shown_as_typed() -> None:
    text = harmless_markdown("> " * 40_000 + "[x](javascript:alert(1)) <script>")
    assert text.startswith("```")
    assert "<script" not in text


@given(st.text(alphabet="<>/!?ab []():`&;#x\n\\-", max_size=60))
def test_no_text_opens_a_tag(text: str) -> None:
    assert not re.search(r"<[A-Za-z/!?]", harmless_markdown(text))


@pytest.mark.parametrize("deep", ["*" * 6000 + "a" + "*" * 6000, "**" * 3000 + "a" + "**" * 3000])
def test_markdown_without_bottom_is_shown_as_typed(deep: str) -> None:
    """The parser bounds blocks in each other, and not emphasis."""
    assert deep in harmless_markdown(deep)
    assert harmless_markdown("*" * 40 + "a" + "*" * 40).strip("*") == "a", "some levels are read"
