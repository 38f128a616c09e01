"""Pages for teachers in a real browser, at the size of a class of 400."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from autograder.reports.index import render_index
from autograder.reports.staff_pages import staff_pages

pytestmark = pytest.mark.browser

_FEEDBACK = Path(__file__).resolve().parents[1] / "feedback" / "test_feedback_browser.py"


def _load(name: str, path: Path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


shared = _load("pages_in_a_browser", _FEEDBACK)
material = _load("class_of_400_in_a_browser", Path(__file__).with_name("conftest.py"))
browser, axe, show = shared.browser, shared.axe, shared.show  # fixtures and their helper, made once for all pages

NAMES = {name: f"report/04_distillation/{name}.html" for name in ("students", "mistakes", "items")} | {
    "index": "index.html",
    "term": "report/term.html",
}
# Targets of WCAG 2.2 (2.5.8): 24 by 24 pixels, or inline in a sentence.
SMALL = """
const inline = e => getComputedStyle(e).display === 'inline';
return [...document.querySelectorAll('a, button, input, select, summary')]
  .filter(e => e.checkVisibility() && !e.classList.contains('skip') && !inline(e))
  .map(e => [e.tagName, e.textContent.slice(0, 20), e.getBoundingClientRect()])
  .filter(([, , box]) => box.width < 24 || box.height < 24)
  .map(([tag, text, box]) => `${tag} ${text} ${box.width}x${box.height}`)
"""
SPACING = """
const style = new CSSStyleSheet();
style.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }`);
document.adoptedStyleSheets = [style];
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory, course, roster, class_of_400) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("staff")
    texts = {"index.html": render_index(class_of_400, options=material.options())}
    texts |= staff_pages(course, roster, class_of_400, material.options())
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / path for name, path in NAMES.items()}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(browser, pages, axe, name, dark):
    show(browser, pages[name], dark=dark)
    browser.execute_script(shared.UNFOLD)
    # rows that are all alike: axe sees the first twenty
    browser.execute_script("document.querySelectorAll('tbody tr:nth-child(n+21)').forEach(row => row.remove())")
    browser.execute_script(axe)
    report = browser.execute_async_script("axe.run(document, {resultTypes: ['violations']}).then(arguments[0])")
    assert [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in report["violations"]] == []


@pytest.mark.parametrize("name", NAMES)
def test_reflow_spacing_and_targets(browser, pages, name):
    for width in (320, 390, 1280):
        show(browser, pages[name], width=width)
        browser.execute_script(shared.UNFOLD)
        assert browser.execute_script(shared.WIDER) == [], f"at {width} pixels"
    assert browser.execute_script(SMALL) == []
    show(browser, pages[name], width=390)
    browser.execute_script(SPACING)
    assert browser.execute_script(shared.WIDER) == [], "with the text spacing of WCAG 1.4.12"


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
