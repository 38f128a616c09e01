"""Every kind of page that the commands write, in a real browser, for people who see, hear, type or print them.

The pages come from a graded run of a small course: a known mistake, two copies of one hand, a blank notebook, one
that cannot be read, and figures; published, with sheets, pairs and pages over the term.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
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

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
REPORT = "staff/report/01_sales"
# kind of page -> where it lies in the results folder
PAGES = {
    "index": "staff/index.html",
    "students": f"{REPORT}/students.html",
    "mistakes": f"{REPORT}/mistakes.html",
    "items": f"{REPORT}/items.html",
    "similar": f"{REPORT}/similar.html",
    "pair": f"{REPORT}/similar-1.html",
    "code of all": f"{REPORT}/question-by_city.html",
    "figures of all": f"{REPORT}/question-plot_cities.html",
    "the term, for teachers": "staff/report/term.html",
    "a mistake": "students/01_sales/s001/feedback.html",
    "not readable": "students/01_sales/s004/feedback.html",
    "the term, of a student": "students/_term/s001.html",
    "hidden tests": "../validated/01_sales/validate.html",
    "preview": "../previewed/index.html",
    "starter": "../previewed/starter.html",
}
LOAD = """
def load_sales(path):
    rows = pd.read_csv(path)
    rows["date"] = [pd.Timestamp(text) for text in rows["date"]]
    known = [i for i, price in enumerate(rows["price"]) if price == price]
    order = sorted(known, key=lambda i: rows["date"].iloc[i])
    return rows.iloc[order].reset_index(drop=True)
"""
PASSED_ON = """
def best_month(sales):
    totals = {}
    for day, value in zip(sales["date"], sales["revenue"]):
        month = (day.year, day.month)
        totals[month] = totals.get(month, 0.0) + float(value)
    largest = max(totals, key=lambda month: (totals[month], month))
    return pd.Timestamp(year=largest[0], month=largest[1], day=1)
"""
REVENUE = "def with_revenue(sales):\n    return sales.assign(revenue=sales['price'] * sales['count'])\n"
MEAN = "def by_city(sales):\n    return sales.groupby('city')['revenue'].mean().sort_values(ascending=False)\n"
SUM = "def by_city(sales):\n    return sales.groupby('city')['revenue'].sum().sort_values(ascending=False)\n"
PLOT = """
totals = by_city(with_revenue(load_sales("data/sales.csv")))
plt.bar(totals.index, totals)
plt.title("Revenue of the shops")
plt.show()
"""
ANSWERS: dict[str, dict[str, str]] = {
    "s001": {"load_sales": LOAD, "with_revenue": REVENUE, "by_city": MEAN, "best_month": PASSED_ON,
             "quiz_1": 'quiz_1 = "c"', "plot_cities": PLOT},
    "s002": {"load_sales": LOAD.replace("known", "kept"), "with_revenue": REVENUE, "by_city": SUM,
             "best_month": PASSED_ON.replace("totals", "sums"), "quiz_1": 'quiz_1 = "b"', "plot_cities": PLOT},
    "s003": {},
}  # fmt: skip


def run(course: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "autograder", *arguments]
    done = subprocess.run(
        command, cwd=course, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: a notebook cannot be read, or a pair was found


def fill(released: str, answers: Mapping[str, str]) -> str:
    notebook = json.loads(released)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in answers:
            cell["source"] = answers[name].strip()
    return json.dumps(notebook)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("pages") / "sales"
    shutil.copytree(ROOT / "examples/sales", course)
    run(course, "release")
    released = (course / "assignments/01_sales/01_sales.ipynb").read_text()
    for student, answers in ANSWERS.items():
        folder = course / "handed in" / student
        folder.mkdir(parents=True)
        (folder / "01_sales.ipynb").write_text(fill(released, answers))
    (course / "handed in/s004").mkdir()
    (course / "handed in/s004/01_sales.ipynb").write_text(released[: len(released) // 2])
    (course / "roster.csv").write_text("id,email,aliases,group,section,extensions\n" + "".join(
        f"s00{n},,,,{'AB'[n % 2]},\n" for n in range(1, 7)))  # fmt: skip
    run(course, "grade", "handed in", "-a", "01_sales", "--jobs", "1")
    run(course, "report", "results")
    run(course, "similar", "results")
    quick = ("--seeds", "1", "--draws", "1", "--threads", "1", "--no-mutants")
    run(course, "validate", "01_sales", "-o", "validated", "--jobs", "1", *quick)
    run(course, "preview", "01_sales", "-o", "previewed", "--jobs", "1", "--once")
    return course / "results"


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, results: Path) -> Path:
    return (results / PAGES[request.param]).resolve()


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
