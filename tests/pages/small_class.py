"""A small class of the pandas course in `examples/`, handed in and graded for real: for tests of pages and pictures."""

from __future__ import annotations

import base64
import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

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


def fill(released: str, answers: Mapping[str, str], code: str = "", figure: bytes = b"") -> str:
    """Return the released notebook with these answers, and with this picture as what the cell of the plot shows."""
    notebook = json.loads(released)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in answers:
            cell["source"] = answers[name].strip()
            if name == "plot_cities" and figure:
                data = {"image/png": base64.b64encode(figure).decode()}
                cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
        if code and "variant" in cell["metadata"].get("tags", []):
            cell["source"] = f'code = "{code}"'
    return json.dumps(notebook)


def grade_class(
    course: Path, answers: Mapping[str, Mapping[str, str]], *, unreadable: str, enrolled: int, whole: bool = False,
    figures: Mapping[str, bytes] | None = None,
) -> Path:  # fmt: skip
    """Hand in and grade, and write all pages. Returns the results folder.

    course: a folder to be made; unreadable: whose notebook is cut off; enrolled: how many the roster has; whole:
    everybody has a personal code, and validation takes its time; figures: student -> the plot as it was handed in.
    """
    shutil.copytree(ROOT / "examples/sales", course)
    (course / "roster.csv").write_text("id,email,aliases,group,section,extensions\n" + "".join(
        f"s{n:03},,,,{'AB'[n % 2]},\n" for n in range(1, enrolled + 1)))  # fmt: skip
    run(course, "release")
    codes: dict[str, str] = {}
    if whole:
        run(course, "variants")
        with (course / "variants.csv").open(encoding="utf-8") as file:
            codes = {row["subject"]: row["code"] for row in csv.DictReader(file)}
    released = (course / "assignments/01_sales/01_sales.ipynb").read_text()
    for student, cells in answers.items():
        folder = course / "handed in" / student
        folder.mkdir(parents=True)
        (folder / "01_sales.ipynb").write_text(
            fill(released, cells, codes.get(student, ""), (figures or {}).get(student, b""))
        )
    (course / "handed in" / unreadable).mkdir()
    (course / "handed in" / unreadable / "01_sales.ipynb").write_text(released[: len(released) // 2])
    run(course, "grade", "handed in", "-a", "01_sales", "--jobs", "1")
    run(course, "report", "results")
    run(course, "similar", "results")
    quick = () if whole else ("--seeds", "1", "--draws", "1", "--codes", "3", "--threads", "1", "--no-mutants")
    run(course, "validate", "01_sales", "-o", "validated", "--jobs", "1", *quick)
    run(course, "preview", "01_sales", "-o", "previewed", "--jobs", "1", "--once")
    return course / "results"
