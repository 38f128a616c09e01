"""Comments as nbgrader renders them: the course's words as typed, a student's words as text and nothing else."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from autograder.exchange.nbgrader.comments import as_typed, harmless

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;",
    "&#60;script>",
    "![p](http://x.example/p.png)",
    "[a](javascript:alert(1))",
    "[a][b]",
    "[b]: http://x.example",
    "<http://x.example>",
    "http://x.example/a",
    "www.x.example",
    "mailto:a@x.example",
    "$\\href{javascript:alert(1)}{x}$",
    "\\(x\\)",
    "$$x$$",
    "`</code><b>`",
    "a `b` <i>c</i> `d",
    "**b** __c__ ~~d~~",
    "<a\nhref=x>",
    "<!-- x",
    "<?php ?>",
    "]]>",
    "![](x)[y](z)",
    "\\<b>",
    "[^1]",
    "- [ ] x",
    "<svg/onload=alert(1)>",
)


def rendered(text: str) -> BeautifulSoup:
    """What stands where a message stands: behind a mark and the course's words."""
    return BeautifulSoup(str(markdown2html(f"* **raised an error**: It adds. {harmless(text)}")), "html.parser")


def assert_text_only(soup: BeautifulSoup) -> None:
    assert {tag.name for tag in soup.find_all(True)} <= {"ul", "li", "p", "strong", "em", "code"}, soup
    assert not [tag for tag in soup.find_all(True) if tag.attrs], soup
    assert not set("$\\") & set(soup.get_text()), "MathJax reads the page"


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_students_words_are_text(attack: str) -> None:
    soup = rendered(attack)
    assert_text_only(soup)
    assert len(soup.find_all("strong")) == 1, "no emphasis of theirs"


@given(st.text(alphabet="<>&;#[]()!*_`~$\\:/.@ab1 \n\"'=-+|^{}", max_size=60))
def test_whatever_they_are(text: str) -> None:
    assert_text_only(rendered(text))


@pytest.mark.parametrize(
    "said",
    [
        "Found 3, expected 4.",
        "`hidden` has shape [3, 4]; expected [3, 5] (float32).",
        "x < y - 1e-6, and a * b = 2",
        "'student_logits' is not defined: was its cell deleted, or did it fail?",
        "100 % of 4/5; #1 + #2 = {'a': 3}",
    ],
)
def test_ordinary_messages_are_read_the_same_raw_and_rendered(said: str) -> None:
    raw = harmless(said)
    assert raw.replace("&lt;", "<") == said
    assert rendered(said).get_text().strip().endswith(said.replace("`", ""))


def test_the_courses_own_words_stay_as_typed() -> None:
    typed = "One. The gain is $T^2$, *not* 1; see `soften` [here](https://x.example)."
    assert as_typed(typed) == typed
    assert as_typed("a<b and b > c & d") == "a&#60;b and b > c & d"
