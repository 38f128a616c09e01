"""Every kind of page that the commands write, in a real browser, for people who see, hear, type or print them.

The pages come from a graded run of a small course: a known mistake, two copies of one hand, a blank notebook, one
that cannot be read, and figures; published, with sheets, pairs and pages over the term.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser import (
    SPACING,
    UNFOLD,
    printed_sheets,
    show,
    small_targets,
    violations,
    wider_than_the_window,
    without_a_name,
    wrong_on_the_way_of_tab,
)
from tests.pages.small_class import ANSWERS, PAGES, grade_class

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("pages") / "sales"
    return grade_class(course, ANSWERS, unreadable="s004", enrolled=6)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, results: Path) -> Path:
    return (results / PAGES[request.param]).resolve()


def test_the_kill_matrix_has_one_column_a_variant_and_whole_names(browser, results):
    """Twenty personal codes of each variant would leave no room for the names of the tests."""
    show(browser, (results / PAGES["hidden tests"]).resolve(), width=1000)
    columns = browser.execute_script(
        "return [...document.querySelectorAll('table.matrix thead .variant')].map(e => e.textContent)"
    )
    assert columns == sorted(set(columns))
    assert "all_shops" in columns
    assert not any("code" in column for column in columns)
    lines = "return [...document.querySelectorAll('table.matrix th code')].map(e => e.getClientRects().length)"
    assert set(browser.execute_script(lines)) == {1}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser, axe, page, dark):
    show(browser, page, dark=dark)
    browser.execute_script(UNFOLD)
    assert violations(browser, axe) == []


def test_it_fits_every_window_zoom_and_spacing(browser, page):
    for width in (320, 390, 640, 1280):
        show(browser, page, width=width)
        browser.execute_script(UNFOLD)
        assert wider_than_the_window(browser) == [], f"at {width} pixels"
        assert small_targets(browser) == []
    show(browser, page, width=390)
    browser.execute_script(SPACING)
    assert wider_than_the_window(browser) == [], "with the text spacing of WCAG 1.4.12"


def test_everything_has_a_name_for_those_who_hear_it(browser, page):
    show(browser, page)
    browser.execute_script(UNFOLD)
    assert without_a_name(browser) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_keyboard_reaches_everything_and_the_focus_is_seen(browser, page, width):
    show(browser, page, width=width)
    assert wrong_on_the_way_of_tab(browser) == []


def test_forced_colours_leave_nothing_out(browser, page):
    """Backgrounds go where colours are forced: what was a coloured area needs a line, what was drawn a colour."""
    show(browser, page, forced=True)
    browser.execute_script(UNFOLD)
    gone = """
    const canvas = getComputedStyle(document.body).backgroundColor;
    const drawn = [...document.querySelectorAll('svg rect, svg polyline, svg path, svg line, svg circle, svg polygon')]
      .filter(e => e.checkVisibility() && !e.closest('defs, symbol'));
    return drawn.filter(e => {
      const style = getComputedStyle(e);
      return [style.fill, style.stroke].every(colour => colour === 'none' || colour === canvas);
    }).map(e => e.outerHTML.slice(0, 80))
    """
    assert browser.execute_script(gone) == []
    areas = """
    return [...document.querySelectorAll('.alike')].filter(e => e.checkVisibility())
      .filter(e => e.getBoundingClientRect().width > 0)
      .filter(e => {
        const style = getComputedStyle(e), own = style.backgroundColor;
        const behind = getComputedStyle(e.parentElement).backgroundColor;
        return own === behind && parseFloat(style.borderLeftWidth) === 0;
      }).map(e => e.outerHTML.slice(0, 80))
    """
    assert browser.execute_script(areas) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "hidden tests"])  # those are many tables
def test_it_prints_on_few_sheets(browser, results, name):
    show(browser, results / PAGES[name])
    assert printed_sheets(browser) <= 4


def test_nothing_is_loaded_from_anywhere(browser, page):
    browser.get_log("performance")
    show(browser, page)
    browser.execute_script(UNFOLD)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith(("data:image/png;base64,", "about:", "chrome"))} == {
        page.as_uri()
    }


def test_links_lead_somewhere(browser, page):
    show(browser, page)
    links = browser.execute_script("return [...document.querySelectorAll('a[href]')].map(e => e.getAttribute('href'))")
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8"), link
