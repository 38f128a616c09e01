"""The pages in a real browser: nothing runs, nothing is loaded, everybody can read and reach everything."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from tests.browser import (
    UNFOLD,
    show,
    small_targets,
    violations,
    wider_than_the_window,
    without_a_name,
    wrong_on_the_way_of_tab,
)

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
PAGES = ("perfect", "partly", "broken", "untouched", "closed", "ungradable", "not_graded", "index", "hostile")


@pytest.fixture(scope="module")
def pages(tmp_path_factory, samples, index_page) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    texts = {name: sample.page() for name, sample in samples.items()}
    texts["index"] = index_page
    texts["hostile"] = hostile_page()
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def hostile_page() -> str:
    """All attacks of the neighbouring test file on one page."""
    spec = importlib.util.spec_from_file_location("hostile_material", HERE / "test_feedback_hostile.py")
    material = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = material
    spec.loader.exec_module(material)
    attack = "\n\n".join(text[:300] for text in material.ATTACKS)
    notebook = material.Notebook(
        [cell for text in material.ATTACKS for cell in material.hostile_notebook(text[:3_000]).cells]
    )
    return material.render_feedback(material.hostile_result(attack), notebook, [notebook.cells[0].outputs])


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_and_nothing_is_loaded(browser, pages, name):
    browser.get_log("performance")
    browser.get_log("browser")
    show(browser, pages[name])
    browser.execute_script(UNFOLD)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    # The page that the browser shows by itself at its start is still loading at times: what it loads is not ours.
    browsers_own = ("about:", "chrome:", "chrome-untrusted:", "chrome-search:", "data:")
    asked = [params for params in sent if not params["documentURL"].startswith(browsers_own)]
    assert {params["documentURL"] for params in asked} == {pages[name].as_uri()}
    requested = {params["request"]["url"] for params in asked}
    assert {url for url in requested if not url.startswith("data:image/png;base64,")} == {pages[name].as_uri()}
    assert browser.title.strip() != "pwned"
    assert browser.execute_script("return document.scripts.length") == 0
    assert "Refused to apply" not in str(browser.get_log("browser")), "the policy must allow the page's own style"
    assert browser.execute_script("return getComputedStyle(document.querySelector('main')).display") == "block"
    assert browser.execute_script("return [...document.images].filter(i => i.complete && !i.naturalWidth).length") == 0


def test_the_policy_stops_scripts_even_if_escaping_failed(browser, pages, tmp_path):
    """The second lock, tried with the first one taken away."""
    text = pages["partly"].read_text(encoding="utf-8")
    run = "document.title='pwned'"
    bad = f"<script>{run}</script><img src=x onerror=\"{run}\"><main style='display:none'>"
    broken = tmp_path / "broken.html"
    broken.write_text(text.replace("<main>", bad, 1), encoding="utf-8")
    assert bad in broken.read_text(encoding="utf-8")
    show(browser, broken)
    assert browser.title.startswith("Distillation")
    assert browser.execute_script("return getComputedStyle(document.querySelector('main')).display") == "block"


@pytest.mark.parametrize("name", PAGES)
def test_narrow_screens_and_zoom_do_not_scroll_sideways(browser, pages, name):
    """320 CSS pixels are also a window of 1280 at a zoom of 400 %."""
    for width in (320, 360, 640, 768):
        show(browser, pages[name], width=width)
        browser.execute_script(UNFOLD)
        assert wider_than_the_window(browser) == [], f"at {width} pixels"
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_keyboard_alone(browser, pages):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(key: str) -> None:
        ActionChains(browser).send_keys(key).perform()

    def active(expression: str) -> object:
        return browser.execute_script(f"const e = document.activeElement; return {expression}")

    show(browser, pages["partly"])
    press(Keys.TAB)
    assert active("e.className") == "skip"
    assert active("e.getBoundingClientRect().top >= 0"), "the skip link is seen once it has the focus"
    press(Keys.ENTER)
    assert active("e.id") == "questions"
    press(Keys.TAB)
    assert active("e.tagName") == "SUMMARY"
    assert active("getComputedStyle(e).outlineStyle") == "solid"
    assert active("parseFloat(getComputedStyle(e).outlineWidth)") >= 2
    was = active("e.parentElement.open")
    press(Keys.SPACE)
    assert active("e.parentElement.open") is not was
    press(Keys.ENTER)
    assert active("e.parentElement.open") is was


def test_everything_that_scrolls_takes_the_focus(browser, pages):
    show(browser, pages["index"], width=360)
    unreachable = browser.execute_script(
        "return [...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0"
        " && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map(e => e.className)"
    )
    assert unreachable == []


def test_dark_and_light_differ(browser, pages):
    backgrounds = []
    for dark in (False, True):
        show(browser, pages["partly"], dark=dark)
        backgrounds.append(browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor"))
    assert backgrounds[0] != backgrounds[1]


def test_print_unfolds_everything(browser, pages):
    folded = "const d = [...document.querySelectorAll('details.question:not([open]) .inside')];"
    heights = folded + "return d.map(e => e.checkVisibility({contentVisibilityAuto: true}) && e.offsetHeight)"
    show(browser, pages["partly"])
    assert not any(browser.execute_script(heights))
    show(browser, pages["partly"], media="print")
    printed = browser.execute_script(heights)
    assert len(printed) == 3
    assert all(printed)


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.long)], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["partly", "broken", "closed", "ungradable", "not_graded", "index"])
def test_axe_finds_nothing(browser, pages, axe, name, dark):
    show(browser, pages[name], dark=dark)
    browser.execute_script(UNFOLD)
    assert violations(browser, axe) == []


@pytest.mark.parametrize("name", PAGES)
def test_everything_has_a_name_and_the_keyboard_reaches_it(browser, pages, name):
    show(browser, pages[name])
    assert wrong_on_the_way_of_tab(browser) == []
    browser.execute_script(UNFOLD)
    assert without_a_name(browser) == []
    assert small_targets(browser) == []
