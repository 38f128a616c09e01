"""How large the pages for teachers of a class are, and how long a browser takes to open them.

Run with: python -m benchmarks.pages [--students 400]. It makes the pages of a class in the course's assignments out of
made-up results, and opens each in headless Chromium, in turns with an empty page, which shows what the browser itself
costs. A page is open when its first frame is drawn after `load`. Medians of several rounds; load of the machine beside.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from autograder.course.roster import EMPTY_ROSTER
from autograder.reports.index import render_index
from autograder.reports.staff_pages import staff_pages
from tests.reports import conftest as material

EMPTY = "<!doctype html><title>empty</title><p>Nothing."
DRAWN = "const done = arguments[0]; requestAnimationFrame(() => setTimeout(() => done(performance.now())))"


def make_pages(folder: Path, students: int) -> dict[str, Path]:
    """Write the pages and return them by name; results are copied under new ids until there are enough."""
    results = material.make_results()
    for copy in range(1, -(-students // len(material.STUDENTS))):
        results += [
            one.model_copy(update={"subject": f"{one.subject}x{copy}", "students": (f"{one.subject}x{copy}",)})
            for one in results[: len(results) // copy]
        ]
    texts = {"index.html": render_index(results, options=material.options())}
    texts |= staff_pages(material.COURSE, EMPTY_ROSTER, results, material.options())
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    report = f"report/{material.COURSE.assignments[3].name}"
    wanted = {"index": "index.html", "term": "report/term.html"}
    wanted |= {name: f"{report}/{name}.html" for name in ("students", "mistakes", "items")}
    return {name: folder / path for name, path in wanted.items()}


def open_browser() -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages = make_pages(Path(folder), arguments.students)
        empty = Path(folder) / "empty.html"
        empty.write_text(EMPTY)
        browser = open_browser()
        try:
            seconds: dict[str, list[float]] = {name: [] for name in ("empty", *pages)}
            nodes = {}
            for _ in range(arguments.rounds):
                for name, path in {"empty": empty, **pages}.items():
                    browser.get(path.as_uri())
                    seconds[name].append(browser.execute_async_script(DRAWN) / 1000)
                    nodes[name] = browser.execute_script("return document.querySelectorAll('*').length")
        finally:
            browser.quit()
        print(f"{arguments.students} students, {len(material.COURSE.assignments)} assignments; "
              f"load {os.getloadavg()[0]:.1f}; medians of {arguments.rounds}")  # fmt: skip
        for name, path in {"empty": empty, **pages}.items():
            print(f"{name:10} {path.stat().st_size / 1000:7.1f} kB  {nodes[name]:6,} nodes  "
                  f"{statistics.median(seconds[name]):.3f} s")  # fmt: skip


if __name__ == "__main__":
    main()
