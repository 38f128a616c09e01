"""Whatever a student can put anywhere: it is shown as text, bounded, and never interpreted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.feedback import FeedbackOptions, render_feedback
from autograder.pages.text import clean
from autograder.records import Result
from autograder.reports.index import render_index
from autograder.reports.options import IndexOptions, page_link

ATTACKS = (
    "<script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "<svg onload=\"document.title='pwned'\"><style>*{display:none}</style></svg>",
    "</code></pre></div><iframe src='https://evil.example/'></iframe>",
    "</style><style>body{display:none}</style>",
    "[click](javascript:alert(1)) [x](data:text/html;base64,PHNjcmlwdD4=) ![p](https://evil.example/p.png)",
    "<a href='javascript:alert(1)'>x</a> <https://evil.example/> <div onclick=alert(1)>",
    "\x1b[31mred\x1b]8;;https://evil.example/\x07link\x1b]8;;\x07\x1b[2J\x9b31m",
    "\u202e\u2066gnp.exe\u2069 \u200b\ufeff zalgo" + "\u0300" * 500,
    "=HYPERLINK(\"https://evil.example\")",
    "{{ 7*7 }} {% raw %} ${7*7} <!-- --> ]]>",
    "\ud800 lone \x00 null \x08 back \r over",
    "' onmouseover='alert(1)' x='",
    '" autofocus onfocus="alert(1)',
    "A" * 1_000_000,
    "\n" * 200_000,
    "`" * 50_000,
    "[" * 50_000,
    "> " * 1_000 + "deep",
    "<" * 20_000,
    "\x1b[" * 50_000,
    "$" * 20_000 + "x",
)  # fmt: skip
INTERESTING = ("<script", "<iframe", "onerror", "javascript:", "evil.example")


@dataclass(frozen=True)
class Cell:
    kind: Any
    source: Any
    outputs: Any = ()
    attachments: Any = ()


@dataclass(frozen=True)
class Notebook:
    cells: Any


def hostile_result(text: str) -> Result:
    """A result with `text` in every field that is text."""
    text = text.encode("utf-8", "replace").decode()  # records are valid UTF-8; notebooks need not be
    trace = {"exception": text, "message": text, "lines": [[0, 1, text], [99, -3, text], [1, 2, text]]}
    shown = {"kind": "text", "text": text, "dtype": text}
    tensor = {"kind": "tensor", "text": text, "shape": [2], "dtype": text, "values": [text, 1.0]}
    twin = {"shows": text, "expected": shown, "found": tensor, "agrees": False}
    common = {"question": text, "title": text, "message": text, "hint": text, "misconception": text}
    tests = [
        {**common, "name": f"{text[:50]}{i}", "status": status, "detail": "HIDDEN", "twin": twin, "traceback": trace}
        for i, status in enumerate(("passed", "failed", "error", "timeout", "not_run"))
    ]
    question = {"id": text, "title": text, "kind": "tests", "score": 1.0, "max_score": 5.0, "status": "partial"}
    return Result.model_validate(
        {
            "outcome": "graded",
            "reason": text,
            "subject": text,
            "students": [text],
            "assignment": text,
            "title": text,
            "notebook_sha256": text,
            "attempt": 1,
            "graded_at": datetime(2026, 10, 13, tzinfo=UTC),
            "score": 1.0,
            "max_score": 5.0,
            "late_penalty": 1.0,
            "questions": [{**question, "tests": tests, "comment": text}],
            "cells": [{"index": 0, "status": "error", "traceback": trace, "reason": text}],
            "notices": [text] * 40,
            "flags": [text],
        }
    )


def hostile_notebook(text: str) -> Notebook:
    outputs = [
        {"output_type": "stream", "name": text, "text": text},
        {"output_type": "stream", "name": "stderr", "text": [text, text]},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
        {"output_type": "display_data", "data": {"text/html": text, "image/svg+xml": text}},
        {"output_type": "display_data", "data": {"text/html": text, "text/plain": text}},
        {"output_type": "display_data", "data": {"image/png": text}},
        {"output_type": "execute_result", "data": {text[:100]: text, "application/javascript": text}},
        {"output_type": text},
    ]
    return Notebook(
        [Cell("code", text, outputs), Cell("markdown", text, (), {text: text}), Cell("raw", text), Cell(text, text)]
    )


def assert_inert(page: str) -> BeautifulSoup:
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.select("script, iframe, object, embed, form, base, link, input, button, video, audio, math")
    assert len(soup.select("style")) == 1
    assert len(soup.select("title")) == 1
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), (tag.name, name)
            assert name != "style"
            if name in {"href", "src", "xlink:href"}:
                relative = re.fullmatch(r"[\w%./~-]+", value)
                assert relative or value.startswith(("#", "data:image/png;base64,", "https:", "http:")), value[:80]
                assert tag.name == "a" or not value.startswith("http"), (tag.name, value[:80])
            if name == "src":
                assert value.startswith("data:image/png;base64,")
    text = soup.get_text()
    for character in "\x1b\x00\x08\x9b\u202e\u2066\u200b\ufeff":
        assert character not in text
    page.encode("utf-8")  # no lone surrogates
    return soup


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack[:18]))
def test_attack_in_every_field(attack):
    page = render_feedback(
        hostile_result(attack), hostile_notebook(attack), [hostile_notebook(attack).cells[0].outputs]
    )
    soup = assert_inert(page)
    assert len(page) < 4_000_000
    assert "49" not in soup.select_one(".cell").get_text() or "7*7" not in attack
    assert_inert(render_index([hostile_result(attack)], options=IndexOptions(course=attack, link=lambda r: attack)))


def test_links_of_the_staffs_pages_stay_in_the_results_folder():
    result = hostile_result("s-1")
    for path, expected in (
        ("javascript:alert(1)", "../javascript%3Aalert%281%29"),
        ("//evil.example/x", ""),
        ("/etc/passwd", ""),
        ("a/../../x", ""),
        ("../../x", ""),
        ("..//evil.example", ""),
        ("../students/a b/f.html", "../../students/a%20b/f.html"),
    ):
        options = IndexOptions(link=lambda r, path=path: path, up="../")
        assert page_link(result, options) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(ATTACKS[:14]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OUTPUTS = st.lists(
    JSON
    | st.fixed_dictionaries(
        {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"]) | JSON},
        optional={"text": JSON, "name": JSON, "ename": JSON, "evalue": JSON, "traceback": JSON}
        | {"data": st.dictionaries(st.sampled_from(["text/plain", "image/png", "text/html", "x"]), JSON) | JSON},
    ),
    max_size=4,
)
CELLS = st.builds(Cell, st.sampled_from(["code", "markdown", "raw"]) | JSON, st.text() | JSON, OUTPUTS | JSON)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells=st.lists(CELLS, max_size=4), ours=st.lists(OUTPUTS, max_size=4))
def test_any_notebook_gives_an_inert_page(cells, ours):
    result = hostile_result("plain")
    assert_inert(render_feedback(result, Notebook(cells), ours))


@settings(max_examples=80, deadline=None)
@given(text=st.text() | st.lists(st.sampled_from(ATTACKS[:14]), max_size=4).map("".join))
def test_any_text_in_any_field(text):
    assert_inert(render_feedback(hostile_result(text), hostile_notebook(text), options=FeedbackOptions(course=text)))


@settings(max_examples=80, deadline=None)
@given(
    values=JSON | st.lists(st.lists(st.floats() | st.integers(), min_size=1, max_size=5), max_size=5),
    kind=st.sampled_from(["number", "tensor", "map", "text", "error"]),
    other=st.sampled_from([[[1.0, 2.0], [3.0, 4.0]], [1e300, -1e300], [[float("nan")] * 3] * 3, 3, None]),
)
def test_any_values_in_a_twin(values, kind, other):
    data = hostile_result("x").model_dump()
    data["questions"][0]["tests"][1]["twin"] = {
        "shows": "f(x)",
        "agrees": False,
        "expected": {"kind": "map", "text": "e", "values": other},
        "found": {"kind": kind, "text": "found", "values": values},
    }
    assert_inert(render_feedback(Result.model_validate(data), None))


def test_endless_notebooks_are_cut():
    page = render_feedback(hostile_result("x"), Notebook([Cell("code", "x = 1\n" * 50)] * 10_000))
    assert "more cells are not shown here" in page
    assert len(page) < 10_000_000


def test_long_notebooks_lose_their_colours_not_the_graders_time():
    """Markdown and colours of hostile text cost milliseconds a kilobyte, so a page has a budget of them."""
    cells = [Cell("markdown", "<" * 9_000 + str(i)) for i in range(40)] + [Cell("code", "x = 1")]
    soup = BeautifulSoup(render_feedback(hostile_result("x"), Notebook(cells)), "html.parser")
    assert not soup.select_one("#cell-1 pre")
    assert soup.select_one("#cell-30 pre").get_text().endswith("29")
    assert soup.select_one("#cell-41 .l").get_text() == "x = 1\n"
    assert not soup.select("#cell-41 [class^=h-]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[1;31mb\x1b[0m", "ab"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("safe\u202etxt.exe", "safe[U+202E]txt.exe"),
        ("\x1b]0;title\x07x", "x"),
        ("naïve – ok ✓ 漢字 👍🏽", "naïve – ok ✓ 漢字 👍🏽"),
        (None, ""),
        (b"bytes", ""),
    ],
)
def test_clean(text, expected):
    assert clean(text) == expected


def test_homes_lose_their_names():
    outputs = [
        {"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["File /home/ada lovelace/nb.py"]},
        {"output_type": "stream", "name": "stdout", "text": "/Users/grace/x C:\\Users\\grace\\y"},
    ]
    page = render_feedback(hostile_result("x"), Notebook([Cell("code", "x", outputs)]))
    assert "grace" not in page
    assert "/home/ada" not in page
