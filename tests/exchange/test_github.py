"""What grades in jobs of GitHub Actions: its files, the script that a job runs, and the summary that it writes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner

from autograder.cli import main as cli
from autograder.course.course import load_course
from autograder.exchange.github.summary import MOST_BYTES, job_summary, summary_of
from autograder.feedback.options import FeedbackOptions
from autograder.feedback.view import student_view
from autograder.release.files import write_release
from autograder.release.starter import build_release
from tests.feedback.test_feedback_hostile import hostile_result

ROOT = Path(__file__).resolve().parents[2]
NAME = "01_weather"
SECRET = "s" * 32
RIGHT = "def fahrenheit(celsius):\n    return celsius * 9 / 5 + 32\n"
WRONG = "def warmest_day(degrees):\n    raise ValueError('[look](javascript:1)\\n\\n# <script>')\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two repositories of an example course, one of whose students has a GitHub login."""
    course = tmp_path_factory.mktemp("words") / "course"
    shutil.copytree(ROOT / "examples/words", course, ignore=shutil.ignore_patterns("__pycache__"))
    for assignment in load_course(course).assignments:
        write_release(build_release(assignment))
    (course / "roster.csv").write_text("id,email,aliases\ns1,,github:ada-l\ns2,,\n")
    into = course.parent / "github"
    said = CliRunner().invoke(cli, ["export", "github", NAME, "--course", str(course), "--into", str(into)])
    assert said.exit_code == 0, said.output
    assert "staff alone" in said.output
    return into


def action(written: Path) -> Path:
    return written / f"staff/.github/actions/grade-{NAME}"


def run_job(written: Path, tmp_path: Path, repository: str, cells: dict[str, str] | None) -> tuple[int, str, str]:
    """Run what the action's one step runs, as a job would; returns exit status, output and summary."""
    place = tmp_path / "action"
    shutil.copytree(action(written), place)
    files = tmp_path / "handed-in"
    (files / ".git").mkdir(parents=True)
    if cells is not None:
        book = nbformat.read(written / f"students/{NAME}.ipynb", as_version=4)
        for cell in book.cells:
            cell.source = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source)
        nbformat.write(book, files / f"{NAME}.ipynb")
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "bin/autograder").symlink_to(Path(sys.executable).parent / "autograder")
    step = yaml.safe_load((place / "action.yml").read_text())["runs"]["steps"][0]
    values = {"repository": repository, "files": str(files), "secret": SECRET, "output": str(tmp_path / "results")}
    given = {
        key: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: values[found[1]], str(value))
        for key, value in step["env"].items()
    }
    environment = {
        **os.environ, **given, "GITHUB_ACTION_PATH": str(place), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "AUTOGRADER_HOME": str(home), "AUTOGRADER_BACKEND": "namespace",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", step["run"]], env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    summary = tmp_path / "summary.md"
    return done.returncode, done.stdout + done.stderr, summary.read_text() if summary.exists() else ""


def test_a_repository_is_graded_and_the_summary_says_what_the_page_says(written: Path, tmp_path: Path) -> None:
    cells = {"fahrenheit": RIGHT, "warmest_day": WRONG}
    status, output, summary = run_job(written, tmp_path, "course/01-weather-ada-l", cells)
    assert status == 0, output
    [result] = (tmp_path / "results").rglob("result.json")
    assert json.loads(result.read_text())["students"] == ["s1"]
    soup = BeautifulSoup(summary, "html.parser")
    rows = {row.td.get_text(): row.select("td")[1].get_text() for row in soup.select("tbody tr")}
    assert rows["Degrees Fahrenheit"] == "2 of 2 points"
    assert rows["The warmest day"].startswith("0 of ")
    assert "ValueError" in soup.get_text()
    assert "\n\n" not in summary, "a blank line would begin Markdown"
    assert not soup.select("script, a[href^='javascript']")


def test_what_cannot_be_graded_is_said_and_the_job_fails(written: Path, tmp_path: Path) -> None:
    status, output, summary = run_job(written, tmp_path, "course/01-weather-ada-l", None)
    assert status == 1, output
    assert "01-weather-ada-l" in output
    assert "hand in the .ipynb file itself" in summary


@pytest.mark.parametrize("name", ["", "course/", "course/a b", "course/$(touch x)", "course/..", "course/-;x"])
def test_a_name_that_is_no_repository_s_ends_the_job(written: Path, tmp_path: Path, name: str) -> None:
    status, output, _ = run_job(written, tmp_path, name, {})
    assert status in (1, 2), output
    assert not list((tmp_path / "results").rglob("result.json")) if (tmp_path / "results").exists() else True


def test_students_get_nothing_that_is_hidden(written: Path) -> None:
    hidden = {"hidden_tests.py", "solution.py", "releases.json", ".course_secret", "roster.csv"}
    names = {path.name for path in (written / "students").rglob("*")}
    assert f"{NAME}.ipynb" in names
    assert not names & hidden
    assert not list(written.rglob(".course_secret")), "the secret is a secret of the repository's"


def test_the_workflows_are_well_formed_and_put_no_word_of_others_into_a_script(written: Path) -> None:
    found = [path for path in written.rglob("*.yml") if ".github" in path.parts]
    assert len(found) == 3
    for path in found:
        document = yaml.safe_load(path.read_text())
        assert "@" not in re.sub(r"@v\d", "", path.read_text()), "a word that was not filled in"
        jobs = document.get("jobs", {"action": document.get("runs", {})})
        for step in (step for job in jobs.values() for step in job["steps"]):
            assert "${{" not in step.get("run", ""), f"{path.name}: {step}"
        assert "jobs" not in document or document["permissions"] == {"contents": "read"}
    subprocess.run(["bash", "-n", str(action(written) / "grade.sh")], check=True)


def test_what_students_wrote_stays_text_in_a_summary() -> None:
    text = "a\n\n# heading\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> </pre></details>"
    view = student_view(hostile_result(text), None, (), FeedbackOptions())
    summary = summary_of(view)
    assert not re.search(r"\n\s*\n", summary)
    soup = BeautifulSoup(summary, "html.parser")
    assert {tag.name for tag in soup.find_all()} <= {
        "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre", "em", "code",
        "ul", "li",
    }  # fmt: skip
    assert not [tag for tag in soup.find_all() if tag.attrs]


def test_a_summary_that_is_too_long_says_what_is_left_out() -> None:
    view = student_view(hostile_result("x" * 500), None, (), FeedbackOptions())
    one = len(summary_of(view).encode()) + 1
    text = job_summary([view] * (MOST_BYTES // one + 3))
    assert len(text.encode()) <= MOST_BYTES + 200
    assert "3 more did not fit here" in text
