"""`autograder preview` shows what students will see, says what is off, and notices what changes."""

from __future__ import annotations

import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from autograder.commands import preview
from autograder.course.bank import read_bank
from autograder.course.course import load_course
from autograder.validation.live_preview import LivePreview, served
from autograder.validation.preview import AssignmentPreview, stamp

ROOT = Path(__file__).parents[2]


@pytest.fixture
def words(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples/words", tmp_path / "words"))


def run(course: Path, *more: str) -> tuple[int, str, Path]:
    folder = course.parent / "pages"
    done = CliRunner().invoke(
        preview.command, ["02_words", "--course", str(course), "-o", str(folder), "--once", "-j", "1", *more]
    )
    return done.exit_code, done.output, folder


def page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_the_starter_and_the_feedback_of_every_variant(words: Path) -> None:
    status, said, folder = run(words)
    assert status == 0, said
    bank = read_bank(load_course(words).assignment("02_words"))
    rows = {row.a.text: row.text for row in page(folder / "index.html").select("tbody tr") if row.a}
    assert set(rows) == {"solution", "starter", *(f"{variant.kind}_{variant.name}" for variant in bank)}
    for variant in bank:
        feedback = page(folder / f"{variant.kind}_{variant.name}-feedback.html").text
        for text in filter(None, (variant.sentence, variant.hint)):
            assert text.replace("`", "") in feedback, variant.name
        if variant.kind == "wrong":
            assert variant.sentence.replace("`", "") in rows[f"wrong_{variant.name}"]
    starter = page(folder / "starter.html").text
    assert "raise NotImplementedError" in starter
    assert "BEGIN SOLUTION" not in starter
    assert "words 2/2" in rows["solution"]
    assert "words 0/2" in rows["starter"]


def test_what_is_off_stands_on_the_index_and_no_page_is_stale(words: Path) -> None:
    folder = words.parent / "pages"
    folder.mkdir()
    (folder / "wrong_gone-feedback.html").write_text("of a variant that is gone")
    (folder / "notes.html").write_text("the author's own")
    master = words / "solutions/02_words/solution.py"
    master.write_text(master.read_text(encoding="utf-8").replace("check_tally", "check_taly"), encoding="utf-8")
    status, said, _ = run(words)
    assert status == 1
    assert "check_taly" in said
    assert "check_taly" in page(folder / "index.html").text
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "notes.html"]


def test_a_change_of_any_file_of_the_assignment_is_noticed(words: Path) -> None:
    course = words / "course.yaml"
    before = stamp(course, "02_words")
    assert before == stamp(course, "02_words")
    for changed in ("solutions/02_words/hidden_tests.py", "solutions/02_words/bank/wrong_set.py", "texts/fox.txt"):
        path = words / changed
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        after = stamp(course, "02_words")
        assert after != before, changed
        before = after
    (words / "solutions/02_words/bank/wrong_new.py").write_text("# question: words\n")
    assert stamp(course, "02_words") != before
    course.write_text("assignments: [\n")
    broken = stamp(course, "02_words")
    assert list(broken) == [course]
    course.write_text("assignments: []\n")
    assert stamp(course, "02_words") != broken


def test_the_pages_are_written_again_until_ctrl_c(words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    opened: list[str] = []

    def build(path: Path, name: str, folder: Path, **_: object) -> tuple[AssignmentPreview, Path]:
        written.append(folder)
        return AssignmentPreview("Words", "12:00:00"), folder / "index.html"

    def sleep(seconds: float) -> None:
        if len(written) == 3:
            raise KeyboardInterrupt
        path = words / "solutions/02_words/solution.py"
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    monkeypatch.setattr(preview, "build_preview", build)
    monkeypatch.setattr(preview.time, "sleep", sleep)
    monkeypatch.setattr(preview.webbrowser, "open", opened.append)
    done = CliRunner().invoke(preview.command, ["02_words", "--course", str(words), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert len(written) == 3
    [address] = opened
    assert address.startswith("http://127.0.0.1:")
    assert address in done.output


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePreview]:
    (tmp_path / "index.html").write_text(
        "<title>Preview of words</title><p id=said>first</p><div style='height:5000px'>"
    )
    (tmp_path / "secret.txt").write_text("no page")
    with served(tmp_path, "words") as live:
        live.written()
        yield live


def asked(address: str, host: str = "") -> tuple[int, str]:
    request = urllib.request.Request(address, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_pages_are_given_to_who_knows_the_word_and_nothing_else_is(live: LivePreview) -> None:
    assert asked(live.address + "index.html")[1].endswith("</p><div style='height:5000px'>")
    assert asked(live.address + "made") == (200, "1")
    assert asked(live.address + "wrong_gone-feedback.html")[1].startswith("<title>"), (
        "the index, in place of what is gone"
    )
    for path in ("secret.txt", "../index.html", "%2e%2e/index.html", ".html", "sub/index.html"):
        assert asked(live.address + path)[0] == 404, path
    root = live.address.removesuffix(f"{live.word}/")
    for path in ("", "index.html", "made", f"{live.word}x/", live.word):
        assert asked(root + path)[0] == 404, path
    assert asked(live.address, host="evil.example")[0] == 403, "a name of somebody else's that leads here"
    assert live.address.startswith("http://127.0.0.1:")


@pytest.mark.browser
def test_what_is_open_loads_itself_again_where_it_was_scrolled_to(live: LivePreview, browser: Any) -> None:
    browser.get(live.address)
    browser.switch_to.frame(0)
    browser.execute_script("window.scrollTo(0, 1234)")

    def said() -> str:
        return str(browser.execute_script("return document.getElementById('said')?.textContent ?? ''"))

    assert said() == "first"
    index = live.folder / "index.html"
    index.write_text(index.read_text().replace("first", "second"))
    live.written()
    for _ in range(200):
        if said() == "second":
            break
        time.sleep(0.05)
    assert said() == "second"
    assert browser.execute_script("return window.scrollY") == 1234
    browser.switch_to.default_content()
    assert browser.title == "Preview of words"


def test_an_unknown_assignment_is_said(words: Path) -> None:
    done = CliRunner().invoke(preview.command, ["03_words", "--course", str(words), "--once"])
    assert done.exit_code == 1
    assert "expected one of 01_weather, 02_words" in done.output
