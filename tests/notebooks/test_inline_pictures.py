"""Pictures given as data inside a Markdown cell: readers get their description, never the data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from autograder.notebooks.inline_pictures import without_data
from autograder.notebooks.markdown import harmless_cell
from autograder.pages.markdown import render_markdown

ROOT = Path(__file__).resolve().parents[2]
DATA = "iVBORw0KGgo" * 9_000


@pytest.mark.parametrize(
    "picture",
    [
        f'<img alt="A cat, seen from above" src="data:image/svg+xml;base64,{DATA}">',
        f"<IMG src='data:image/png;base64,{DATA}' width=\"3\" alt='A cat, seen from above'/>",
        f"![A cat, seen from above](data:image/png;base64,{DATA})",
    ],
)
def test_a_reader_gets_the_description_and_what_stands_behind_it(picture: str) -> None:
    text = f"Before.\n\n{picture}\n\nBehind *it*."
    page = BeautifulSoup(render_markdown(text), "html.parser")
    assert [p.get_text() for p in page.select("p")] == ["Before.", "[picture: A cat, seen from above]", "Behind it."]
    for_grader, shown = harmless_cell(text, {})
    assert not shown
    assert "A cat, seen from above" in for_grader
    assert "Behind *it*." in for_grader
    assert "iVBOR" not in for_grader + str(page)


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "an <img> in words", '<img src="https://example.edu/a.png">', "data:image/ alone"],
)
def test_all_else_stays_as_it_is(text: str) -> None:
    assert without_data(text) == text


def test_a_description_does_nothing_but_describe() -> None:
    text = '<img alt="a](javascript:alert(1)) ![b](https://e.org/x.png) &lt;script&gt;" src="data:image/png;base64,AA">'
    page = BeautifulSoup(render_markdown(text), "html.parser")
    assert not page.select("a, img, script")
    assert "<script>" in page.get_text()
    for_grader, _ = harmless_cell(text, {})
    assert not re.search(r"(?<!\\)\]\(javascript", for_grader)
    assert "<script" not in for_grader


def test_the_drawings_of_the_course_are_described_on_pages() -> None:
    for path in sorted((ROOT / "assignments").glob("*/*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        [idea] = [text for cell in cells if "data:image/svg" in (text := "".join(cell["source"]))]
        page = render_markdown(idea)
        assert "[picture: " in page, path.name
        assert "base64" not in page, path.name
