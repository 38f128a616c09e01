"""A real browser for tests of pages: one headless Chromium a worker, and what is asked of every page.

`show` opens a file. The functions after it look at what is open and return what is wrong with it, one text each, so
that a test says `assert wider_than_the_window(browser) == []`.
"""

from __future__ import annotations

import base64
import fcntl
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_NODE = Path(__file__).parent / "feedback"
_AXE = _NODE / "node_modules" / "axe-core" / "axe.min.js"

# What pages show differs with what is folded; unfolded, all of it is checked.
UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true)"
_WIDER = """
const scrolls = e => e && (['auto', 'scroll'].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
return [...document.querySelectorAll('main *, header *, footer *')]
  .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 && !scrolls(e.parentElement))
  .map(e => e.tagName + '.' + e.getAttribute('class') + ': ' + e.textContent.slice(0, 40))
"""
_SMALL = """
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
_STOP = """
const e = document.activeElement;
if (e === document.body) return null;
const box = e.getBoundingClientRect(), style = getComputedStyle(e);
const x = Math.min(Math.max(box.left + Math.min(box.width, 16) / 2, 1), innerWidth - 1);
const y = Math.min(Math.max(box.top + Math.min(box.height, 16) / 2, 1), innerHeight - 1);
const top = document.elementFromPoint(x, y);
const name = `${e.tagName} ${(e.textContent || e.getAttribute('aria-label') || '').trim().slice(0, 30)}`;
const wrong = [];
if (!top || !(e.contains(top) || top.contains(e))) wrong.push(`${name}: covered by ${top && top.tagName}`);
if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) wrong.push(`${name}: the focus is not seen`);
if (!e.dataset.stop) e.dataset.stop = document.querySelectorAll('[data-stop]').length + 1;
return [Number(e.dataset.stop), wrong];
"""
_NAMED = {"link", "button", "textbox", "searchbox", "combobox", "checkbox", "image", "img", "heading", "region",
          "table", "columnheader", "navigation", "DisclosureTriangle", "article"}  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    pytest.importorskip("selenium.webdriver")
    if programs() is None:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")
    with open_browser() as instance:
        yield instance


def programs() -> tuple[str, str] | None:
    """Return where Chromium and its driver are; None where one of them is not installed."""
    binary = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    driver = shutil.which("chromedriver")
    return (binary, driver) if binary is not None and driver is not None else None


@contextmanager
def open_browser() -> Iterator[Any]:
    """Give a headless Chromium with a profile of its own. Raises FileNotFoundError where there is none."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    found = programs()
    if found is None:
        raise FileNotFoundError("needs Chromium and its driver: apt-get install chromium chromium-driver")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = found[0]
        for flag in (
            "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
            f"--disable-component-update --disable-sync --disable-dev-shm-usage --user-data-dir={profile}"
        ).split():
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        instance = webdriver.Chrome(options=options, service=Service(found[1]))
        instance.set_page_load_timeout(60)
        instance.set_script_timeout(60)
        yield instance
        instance.quit()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, which installs axe-core: apt-get install npm")
    with (Path(tempfile.gettempdir()) / "feedback-axe.lock").open("w") as lock:  # tests may run side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _AXE.is_file():
            command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=_NODE, check=True, capture_output=True, timeout=120)
    return _AXE.read_text(encoding="utf-8")


def show(
    browser: Any, path: Path, *, width: int = 1100, dark: bool = False, media: str = "", forced: bool = False
) -> None:
    """Open a page. width: CSS pixels; 640 are a window of 1280 at a zoom of 200 %, 320 one at 400 %."""
    features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    features += [{"name": "forced-colors", "value": "active"}] if forced else []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(path.as_uri())


def wider_than_the_window(browser: Any) -> list[str]:
    """Return what stands out at the right, and is in nothing that scrolls."""
    return browser.execute_script(_WIDER)


def small_targets(browser: Any) -> list[str]:
    """Return what is clicked and smaller than WCAG 2.2 (2.5.8) says: 24 by 24 pixels, or inline in a sentence."""
    return browser.execute_script(_SMALL)


def violations(browser: Any, axe: str) -> list[object]:
    """Return what axe finds. Rows that are all alike are taken out: axe sees the first twenty of a table."""
    browser.execute_script("document.querySelectorAll('tbody tr:nth-child(n+21)').forEach(row => row.remove())")
    browser.execute_script(axe)
    report = browser.execute_async_script("axe.run(document, {resultTypes: ['violations']}).then(arguments[0])")
    assert len(report["passes"]) > 10, "axe looked at the page"
    return [
        (v["id"], [n["html"][:160] for n in v["nodes"][:3]], v["nodes"][0]["failureSummary"])
        for v in report["violations"]
    ]


def without_a_name(browser: Any) -> list[str]:
    """Return what a screen reader would call by its role alone: in the accessibility tree without a name.

    Headings that skip a level and a second `main` are told, too. Tables in somebody's own text have no names.
    """
    unnamed_tables = browser.execute_script("return document.querySelectorAll('.prose table').length")
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    wrong, levels, mains = [], [0], 0
    for node in nodes:
        role = node.get("role", {}).get("value", "")
        if node.get("ignored"):
            continue
        name = str(node.get("name", {}).get("value", "")).strip()
        if role == "table" and not name and unnamed_tables:
            unnamed_tables -= 1
        elif role in _NAMED and not name:
            wrong.append(f"{role} without a name")
        if role == "heading":
            level = next(p["value"]["value"] for p in node["properties"] if p["name"] == "level")
            if level > levels[-1] + 1:
                wrong.append(f"heading {name!r} of level {level} after one of level {levels[-1]}")
            levels.append(level)
        mains += role == "main"
    return wrong + ([] if mains == 1 else [f"{mains} main landmarks"])


def wrong_on_the_way_of_tab(browser: Any, most: int = 60) -> list[str]:
    """Press Tab from the top; return stops whose focus is not seen or that something covers, and where it is trapped.

    most: stops that are looked at. A page ends with the browser's own controls, or at its first stop again.
    """
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    wrong, reached = [], 0
    can = browser.execute_script(
        "return [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility()).length"
    )
    for _ in range(min(most, can)):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        stop = browser.execute_script(_STOP)
        if stop is None:
            break
        number, bad = stop
        if number != reached + 1:
            wrong.append(f"stop {number} again after stop {reached}: a trap")
            break
        reached, wrong = number, wrong + bad
    if reached < min(most, can):
        wrong.append(f"Tab reaches {reached} of {can} controls")
    return wrong


def printed_sheets(browser: Any) -> int:
    """Return on how many sheets of A4 the page prints."""
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"]
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(pdf)))
