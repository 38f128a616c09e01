"""Make the pictures of the documentation: `make pictures`.

A small class of the pandas course in `examples/` is handed in, graded, reported, validated and previewed for real; then
headless Chromium takes a picture of each page, and of what commands say on a terminal. Pictures are cut and have few
colours, so that each is small.
"""

from __future__ import annotations

import html
import io
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from tests.browser import UNFOLD, open_browser, show
from tests.pages.small_class import ANSWERS, PAGES, PASSED_ON, PLOT, REVENUE, ROOT, SUM, grade_class, run

FOLDER = Path(__file__).parent / "images"
WIDTH = 1000
COLOURS = 64
MOST_BYTES = 150_000
BANK = ROOT / "examples/sales/solutions/01_sales/bank"
QUESTION = (
    "[...document.querySelectorAll('main h2, main h3')].find(e => e.textContent.includes('Cities')).scrollIntoView()"
)
VIVA = "staff/report/01_sales/viva/s001.html"
# name of the picture -> page, height in pixels, and what is done to the page first
SHOTS: dict[str, tuple[str, int, str]] = {
    "feedback": ("a mistake", 860, ""),
    "feedback_question": ("a mistake", 760, QUESTION),
    "student_term": ("the term, of a student", 640, ""),
    "class_index": ("index", 700, ""),
    "report_students": ("students", 640, ""),
    "report_mistakes": ("mistakes", 820, ""),
    "report_items": ("items", 760, ""),
    "report_similar": ("similar", 820, ""),
    "report_pair": ("pair", 640, ""),
    "report_question": ("code of all", 820, ""),
    "report_figures": ("figures of all", 900, ""),
    "report_viva": (VIVA, 820, ""),
    "report_term": ("the term, for teachers", 560, ""),
    "validate": ("hidden tests", 900, ""),
    "preview": ("preview", 700, ""),
    "starter": ("starter", 760, ""),
}
# name of the picture -> the commands that are typed
TERMINALS: dict[str, tuple[str, ...]] = {
    "terminal_check": ("autograder check my_notebook.ipynb",),
    "terminal_grade": ("autograder grade handed_in -a 01_sales -o again",),
    "terminal_submissions": ("autograder submissions handed_in",),
    "terminal_validate": ("autograder validate 01_sales --no-mutants",),
}
TERMINAL = """<!doctype html><meta charset="utf-8"><title>terminal</title>
<style>body {{ margin: 0; background: #1d2126; color: #e8e8e8 }}
pre {{ margin: 0; padding: 14px 18px; font: 14px/1.35 "DejaVu Sans Mono", monospace; white-space: pre-wrap }}
b {{ color: #9fd59f; font-weight: normal }}</style><pre>{text}</pre>"""


def bank(name: str) -> str:
    """Return the code of a variant of the bank, without its header."""
    lines = (BANK / f"{name}.py").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def classmates() -> dict[str, dict[str, str]]:
    """Return what each student answers: blanks to code."""
    load, quiz = ANSWERS["s001"]["load_sales"], 'quiz_1 = "b"'
    right = {"load_sales": load, "with_revenue": REVENUE, "by_city": SUM, "best_month": PASSED_ON, "quiz_1": quiz,
             "own_share": bank("right_own_share"), "plot_cities": PLOT}  # fmt: skip
    other = {**right, "load_sales": LOAD_SHORT, "by_city": bank("right_loop"), "best_month": bank("right_month")}
    return {
        "s001": {**right, "by_city": bank("wrong_mean"), "quiz_1": 'quiz_1 = "c"'},
        "s002": {
            **right,
            "load_sales": load.replace("known", "kept"),
            "best_month": PASSED_ON.replace("totals", "sums"),
        },
        "s003": {},
        "s005": other,
        "s006": {**other, "by_city": bank("wrong_mean"), "own_share": bank("wrong_all_months")},
        "s007": {**other, "load_sales": bank("wrong_texts"), "best_month": bank("wrong_one_sale"), "own_share": ""},
        "s008": {**other, "by_city": bank("wrong_ascending"), "with_revenue": bank("wrong_in_place")},
        "s009": {"load_sales": LOAD_SHORT, "with_revenue": REVENUE, "by_city": bank("wrong_mean")},
        "s010": {**other, "own_share": bank("wrong_all_shops"), "plot_cities": PLOT.replace("plt.bar", "plt.plot")},
    }


def plots() -> dict[str, bytes]:
    """Return the plots as students handed them in."""
    import pandas
    from matplotlib.figure import Figure

    sales = pandas.read_csv(ROOT / "examples/sales/data/sales.csv").dropna(subset=["price"])
    totals = (sales["price"] * sales["count"]).groupby(sales["city"]).sum().sort_values(ascending=False)
    made = {}
    for kind in ("bar", "plot"):
        figure = Figure(figsize=(4, 3), layout="constrained")
        axes = figure.subplots()
        getattr(axes, kind)(totals.index, totals)
        axes.set_title("Revenue of the shops")
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=70)
        made[kind] = file.getvalue()
    return {student: made["plot" if student == "s010" else "bar"] for student in classmates()}


LOAD_SHORT = """
def load_sales(path):
    sales = pd.read_csv(path, parse_dates=["date"]).dropna(subset=["price"])
    return sales.sort_values("date", kind="stable", ignore_index=True)
"""


def main() -> None:
    """Make all pictures; those whose names are given as arguments, where there are some."""
    wanted = set(sys.argv[1:]) or {*SHOTS, *TERMINALS}
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made, open_browser() as browser:
        course = Path(made) / "sales"
        results = grade_class(course, classmates(), unreadable="s004", enrolled=11, whole=True,
                              figures=plots())  # fmt: skip
        run(course, "viva", "results", "01_sales")
        (course / "handed in").rename(course / "handed_in")
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        for name in sorted(SHOTS.keys() & wanted):
            page, height, script = SHOTS[name]
            path = (results / PAGES.get(page, page)).resolve()
            refuse_machine(path.read_text(encoding="utf-8"), name, Path(made))
            show(browser, path, width=WIDTH)
            take(browser, name, height, script)
        for name in sorted(TERMINALS.keys() & wanted):
            text = said(course, TERMINALS[name])
            refuse_machine(text, name, Path(made))
            path = Path(made) / f"{name}.html"
            path.write_text(TERMINAL.format(text=text), encoding="utf-8")
            show(browser, path, width=1100)
            take(browser, name, 0, "", width=1100)
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(wanted)} pictures in {FOLDER.relative_to(ROOT)}; all of them are {total / 1000:.0f} kB")


def said(course: Path, commands: tuple[str, ...]) -> str:
    """Return what a terminal of 100 columns shows of these commands, as HTML."""
    parts = []
    (course / "my_notebook.ipynb").write_bytes((course / "handed_in/s009/01_sales.ipynb").read_bytes())
    for command in commands:
        words = [sys.executable, "-m", "autograder", *command.split()[1:]]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
        done = subprocess.run(words, cwd=course, env=environment, capture_output=True, text=True, check=False)
        lines = [line.rstrip() for line in (done.stderr + done.stdout).splitlines()]
        parts.append(f"<b>$ {html.escape(command)}</b>\n{html.escape(chr(10).join(lines))}")
    return "\n\n".join(parts)


def refuse_machine(text: str, name: str, made: Path) -> None:
    """Raise ValueError where a picture would show something of the machine that made it."""
    for word in (str(made), str(ROOT), platform.node(), str(Path.home())):
        if len(word) > 2 and word in text:
            place = text.index(word)
            raise ValueError(f"{name} would show {word!r}: …{text[max(0, place - 200) : place + 100]}…")


def take(browser: Any, name: str, height: int, script: str, width: int = WIDTH) -> None:
    """Write a picture of what is open, `height` pixels high at most; of all of it where that is 0."""
    if script:
        browser.execute_script(UNFOLD if script == "unfold" else script)
    whole = int(browser.execute_script("return Math.ceil(document.documentElement.getBoundingClientRect().height)"))
    tall = min(whole, height) if height else whole
    metrics = {"width": width, "height": tall, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    if script:
        browser.execute_script(UNFOLD if script == "unfold" else script)
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    small = picture.quantize(colors=COLOURS, dither=Image.Dither.NONE)
    path = FOLDER / f"{name}.png"
    small.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, and should have {MOST_BYTES} at most")


if __name__ == "__main__":
    main()
