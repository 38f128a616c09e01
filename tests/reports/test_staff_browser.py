"""Pages for teachers in a real browser, at the size of a class of 400."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.reports.index import render_index
from autograder.reports.staff_pages import staff_pages
from tests.browser import SPACING, UNFOLD, show, small_targets, violations, wider_than_the_window
from tests.reports import conftest as material

pytestmark = pytest.mark.browser


NAMES = {name: f"report/04_distillation/{name}.html" for name in ("students", "mistakes", "items")} | {
    "index": "index.html",
    "term": "report/term.html",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, course, roster, class_of_400) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("staff")
    texts = {"index.html": render_index(class_of_400, options=material.options())}
    texts |= staff_pages(course, roster, class_of_400, material.options())
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / path for name, path in NAMES.items()}


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.long)], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(browser, pages, axe, name, dark):
    show(browser, pages[name], dark=dark)
    browser.execute_script(UNFOLD)
    assert violations(browser, axe) == []


@pytest.mark.parametrize("name", NAMES)
def test_reflow_spacing_and_targets(browser, pages, name):
    for width in (320, 390, 1280):
        show(browser, pages[name], width=width)
        browser.execute_script(UNFOLD)
        assert wider_than_the_window(browser) == [], f"at {width} pixels"
    assert small_targets(browser) == []
    show(browser, pages[name], width=390)
    browser.execute_script(SPACING)
    assert wider_than_the_window(browser) == [], "with the text spacing of WCAG 1.4.12"


def test_sorting_and_filtering_by_keyboard_alone_say_what_they_did(browser, pages):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(*keys: str) -> None:
        ActionChains(browser).send_keys(*keys).perform()

    def told() -> str:
        return browser.execute_script("return document.querySelector('[role=status]').textContent")

    def shown() -> list[str]:
        visible = (
            "[...document.querySelectorAll('tbody tr')].filter(r => !r.hidden).map(r => r.cells[0].innerText.trim())"
        )
        return browser.execute_script(f"return {visible}")

    show(browser, pages["students"], width=1280)
    assert told() == "402 of 402 students"
    for _ in range(30):
        press(Keys.TAB)
        if browser.execute_script("return document.activeElement.dataset.filter") == "text":
            break
    press("u1119")
    assert shown() == ["u1119"]
    assert told() == "1 of 402 students"
    press(*[Keys.BACKSPACE] * 5)
    for _ in range(30):
        press(Keys.TAB)
        if browser.execute_script("return document.activeElement.textContent") == "Share":
            break
    press(Keys.ENTER)
    assert told() == "Sorted by Share, smallest first"
    assert browser.execute_script("return document.activeElement.closest('th').ariaSort") == "ascending"
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    first = shown()
    press(Keys.ENTER)
    assert told() == "Sorted by Share, largest first"
    assert shown()[0] != first[0]
    shares = browser.execute_script(
        "return [...document.querySelectorAll('tbody tr')].map(r => parseInt(r.cells[3].textContent) || -1)"
    )
    assert shares == sorted(shares, reverse=True)


def test_flagged_students_are_one_click_away(browser, pages):
    show(browser, pages["students"])
    browser.execute_script("document.querySelector('[data-filter=flagged]').click()")
    visible = "[...document.querySelectorAll('tbody tr')].filter(r => !r.hidden).map(r => r.cells[0].innerText.trim())"
    assert browser.execute_script(f"return {visible}") == [material.STUDENTS[17]]


def test_only_the_pages_own_script_runs(browser, pages, tmp_path):
    text = pages["students"].read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(text.replace("<main", "<script>document.title='pwned'</script><main", 1), encoding="utf-8")
    show(browser, broken)
    assert browser.title != "pwned"
    assert browser.execute_script("return document.querySelector('[role=status]').textContent") == "402 of 402 students"


def test_forced_colours_keep_lines_and_bars(browser, pages):
    features = [{"name": "forced-colors", "value": "active"}]
    show(browser, pages["items"])
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    stroke = browser.execute_script("return getComputedStyle(document.querySelector('.fifth polyline')).stroke")
    assert stroke not in {"none", ""}
