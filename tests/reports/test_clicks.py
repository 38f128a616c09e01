"""The ten questions of docs/ta.md, asked in a browser: each is answered within the clicks that the page promises."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.reports.index import render_index
from autograder.reports.staff_pages import staff_pages
from tests.browser import show
from tests.reports import conftest as material

pytestmark = pytest.mark.browser

TA = (Path(__file__).parents[2] / "docs/ta.md").read_text(encoding="utf-8")
PROMISED = {
    row[1].strip(): int(row[2])
    for row in re.finditer(r"^\| (who .*?|what .*?|which .*?|how .*?) \|.*\| (\d) \|$", TA, re.M)
}


class Hand:
    """Clicks and types on the page that is open, and counts: a click or a field that is typed into is one."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.clicks = 0

    def link(self, text: str, within: str = "main") -> None:
        """Click the first link of `within` whose text begins so."""
        self._click(f"[...document.querySelectorAll('{within} a')].find(e => e.textContent.startsWith('{text}'))")

    def first(self, selector: str) -> None:
        self._click(f"document.querySelector('{selector}')")

    def sort(self, head: str) -> None:
        self._click(f"[...document.querySelectorAll('.sort')].find(e => e.textContent.trim() === '{head}')")

    def choose(self, name: str, text: str) -> None:
        self.clicks += 1
        self.browser.execute_script(
            f"const e = document.querySelector('[data-filter={name}]'); e.value = '{text}';"
            "if (e.value !== arguments[0]) throw Error('no such choice'); e.dispatchEvent(new Event('input'))", text,
        )  # fmt: skip

    def type(self, text: str) -> None:
        self.clicks += 1
        self.browser.find_element("css selector", "[data-filter=text]").send_keys(text)

    def _click(self, element: str) -> None:
        self.clicks += 1
        target = self.browser.execute_script(f"return {element}")
        assert target is not None, element
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
        target.click()

    def rows(self) -> list[list[str]]:
        """Return the texts of the rows in sight."""
        return self.browser.execute_script(
            "return [...document.querySelectorAll('tbody tr')].filter(r => !r.hidden)"
            ".map(r => [...r.cells].map(c => c.innerText.trim()))"
        )

    def text(self, selector: str) -> str:
        return self.browser.execute_script(f"return document.querySelector('{selector}')?.innerText ?? ''")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, course, roster, class_of_400) -> Path:
    folder = tmp_path_factory.mktemp("results") / "staff"
    texts = {"index.html": render_index(class_of_400, options=material.options())}
    texts |= staff_pages(course, roster, class_of_400, material.options())
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for result in class_of_400:  # what links lead to; the pages themselves have tests of their own
        page = folder / material.link(result)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<!doctype html><title>feedback</title>" + "".join(
            f'<p id="question-{n}">{n}</p>' for n in range(1, 30)))  # fmt: skip
    return folder / "index.html"


def of(hand: Hand, page: str) -> None:
    """Open a page of 04 from the index: every assignment has a link with this word."""
    number = [assignment.name for assignment in material.COURSE.assignments].index("04_distillation")
    hand._click(f"[...document.querySelectorAll('.assignment')][{number}].querySelector('a[href$=\"{page}.html\"]')")


def who_made_this_mistake(hand: Hand) -> None:
    of(hand, "mistakes")
    assert hand.text("#mistake-1").count("u1") > 8


def what_they_see(hand: Hand) -> None:
    of(hand, "mistakes")
    hand.first("#mistake-1 a")
    assert re.search(r"04_distillation/u\d+/feedback\.html#question-\d+$", hand.browser.current_url)
    assert hand.browser.title == "feedback"


def which_ids(hand: Hand) -> None:
    of(hand, "mistakes")
    hand.first("#mistake-1 summary")
    assert re.fullmatch(r"(u\d{4} ?)+", hand.text("#mistake-1 .ids"))


def how_to_give_points(hand: Hand) -> None:
    of(hand, "mistakes")
    hand.first("#mistake-1 summary")
    assert "kind: points" in hand.text("#mistake-1 pre")


def what_separates_nobody(hand: Hand) -> None:
    of(hand, "items")
    hand.sort("Discrimination")
    shown = [row[3] for row in hand.rows()]
    assert "separates nobody" in next(one for one in shown if one != "–")


def what_nobody_passed(hand: Hand) -> None:
    of(hand, "items")
    assert "test_3" in hand.text(".alarm")


def who_handed_in_nothing(hand: Hand) -> None:
    of(hand, "students")
    hand.choose("status", "Nothing handed in")
    names = {row[0] for row in hand.rows()}
    assert {"never1", "never2"} <= names
    assert len(names) < 100


def what_was_late(hand: Hand) -> None:
    of(hand, "students")
    hand.type("u1119")
    [row] = hand.rows()
    assert row[0] == "u1119"
    assert hand.browser.execute_script("return document.querySelector('thead').innerText").count("Late") == 1


def who_has_a_remark(hand: Hand) -> None:
    of(hand, "students")
    hand.first("[data-filter=flagged]")
    assert [row[0] for row in hand.rows()] == [material.STUDENTS[17]]


def who_is_falling_behind(hand: Hand) -> None:
    hand.link("The term", "nav")
    hand.first("[data-filter=flagged]")
    rows = hand.rows()
    assert 0 < len(rows) < 200
    assert any("never1" in row[0] for row in rows)


ASKED: dict[str, Callable[[Hand], None]] = {
    "who made this mistake?": who_made_this_mistake,
    "what do they see on their page?": what_they_see,
    "which ids do I write to?": which_ids,
    "how do I give all of them the points?": how_to_give_points,
    "which question separates nobody?": what_separates_nobody,
    "which test did nobody pass?": what_nobody_passed,
    "who handed in nothing?": who_handed_in_nothing,
    "what did s017 hand in late?": what_was_late,
    "who has a remark of suspicion?": who_has_a_remark,
    "who is falling behind?": who_is_falling_behind,
}


def test_all_questions_of_the_page_are_asked() -> None:
    assert set(PROMISED) == set(ASKED)


@pytest.mark.parametrize("question", ASKED)
def test_it_takes_as_many_clicks_as_the_page_says(browser, index, question) -> None:
    show(browser, index, width=1280)
    hand = Hand(browser)
    ASKED[question](hand)
    assert hand.clicks == PROMISED[question]
