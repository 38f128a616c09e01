"""Grades into Canvas by its API: `canvasapi` against a server that answers as Canvas documents it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course.course import Course
from autograder.scoring.score import ManualGrade

pytest.importorskip("canvasapi")
pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond")
TOKEN = "1234~invented"
BY_HAND = {"essay": ManualGrade(4, "Nearly.")}
ROSTER = """\
id,email,aliases,extensions
s01,ada@uni.example,canvas:10001,
s02,,sid:20067930,
s03,,login:cy3,
s04,,canvas:10004,
"""


class FakeCanvas:
    """A course 7 with the assignment 51. users and submissions: by user id."""

    def __init__(self) -> None:
        self.users: dict[int, dict[str, Any]] = {
            10001: {"id": 10001, "name": "Ada", "email": "other@uni.example"},
            10002: {"id": 10002, "name": "Ben", "sis_user_id": "20067930"},
            10003: {"id": 10003, "name": "Cy", "login_id": "CY3"},
            10004: {"id": 10004, "name": "Di"},
            10009: {"id": 10009, "name": "Ada"},
        }
        self.assignment: dict[str, Any] = {"id": 51, "course_id": 7, "points_possible": 11.0, "grading_type": "points"}
        self.submissions = {
            id: {"id": id, "user_id": id, "assignment_id": 51, "score": None, "excused": id == 10004}
            for id in self.users
        }
        self.comments: list[tuple[int, str]] = []
        self.asked: list[str] = []

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: dict[str, list[str]]) -> Any:
        self.asked.append(f"{method} {path}")
        if path == "/api/v1/courses/7":
            return {"id": 7, "name": "A Course"}
        if path == "/api/v1/courses/7/assignments/51":
            return self.assignment
        if path in ("/api/v1/courses/7/users", "/api/v1/courses/7/search_users"):
            assert query["enrollment_type[]"] == ["student"]
            return list(self.users.values())
        if path == "/api/v1/courses/7/assignments/51/submissions":
            return list(self.submissions.values())
        one = re.fullmatch(r"/api/v1/courses/7/assignments/51/submissions/(\d+)", path)
        if one is not None and method == "PUT":
            submission = self.submissions[int(one[1])]
            submission["score"] = float(body["submission[posted_grade]"][0])
            self.comments += [(int(one[1]), text) for text in body.get("comment[text_comment]", [])]
            return submission
        return None


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCanvas]:
    fake = FakeCanvas()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            url = urlsplit(self.path)
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            found: Any = None
            if self.headers["Authorization"] == f"Bearer {TOKEN}":
                found = fake.answer(self.command, url.path, parse_qs(url.query), parse_qs(data))
                status = 200 if found is not None else 404
            else:
                status = 401
            out = json.dumps(found if status == 200 else {"errors": [{"message": "no"}]}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        do_GET = do_PUT = do_POST = _do

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("CANVAS_TOKEN", TOKEN)
    monkeypatch.setenv("CANVAS_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


def sent(course: Course, results: Path, *options: str) -> Any:
    (course.root / "roster.csv").write_text(ROSTER)
    command = ["export", "canvas-api", str(results), "--course", str(course.root / "course.yaml")]
    return CliRunner().invoke(main, [*command, "--canvas-course", "7", "--canvas-assignment", "51", *options])


def test_grades_and_comments_arrive_once(
    course: Course, results_folder: Path, graded: Callable[..., None], canvas: FakeCanvas
) -> None:
    for student in ("s01", "s02", "s04"):
        graded(student, manual=BY_HAND)
    tried = sent(course, results_folder, "--dry-run")
    assert "s01: nothing -> 10\n" in tried.output
    assert "2 grades would be written" in tried.output
    assert not any(ask.startswith("PUT") for ask in canvas.asked)

    done = sent(course, results_folder)
    assert {id: one["score"] for id, one in canvas.submissions.items() if one["score"] is not None} == {
        10001: 10.0, 10002: 10.0
    }  # fmt: skip
    assert [id for id, _ in canvas.comments] == [10001, 10002]
    assert "Essay: 4 of 5. Nearly." in canvas.comments[0][1]
    assert done.exit_code == 1
    for said in ("s03 handed in nothing", "s04 is excused there", "canvas:10009 nobody in the roster has"):
        assert said in done.output
    again = sent(course, results_folder)
    assert "0 grades written, 2 as they were" in again.output
    assert len(canvas.comments) == 2


def test_another_maximum_is_converted_only_when_asked(
    course: Course, results_folder: Path, graded: Callable[..., None], canvas: FakeCanvas
) -> None:
    graded("s01", manual=BY_HAND)
    canvas.assignment["points_possible"] = 110.0
    assert "--scale converts" in sent(course, results_folder).output
    sent(course, results_folder, "--scale", "--no-comments")
    assert canvas.submissions[10001]["score"] == 100.0
    assert canvas.comments == []


def test_what_canvas_refuses_is_said_without_the_token(
    course: Course,
    results_folder: Path,
    graded: Callable[..., None],
    canvas: FakeCanvas,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graded("s01", manual=BY_HAND)
    canvas.assignment["grading_type"] = "pass_fail"
    assert "is graded by pass_fail" in sent(course, results_folder).output
    monkeypatch.setenv("CANVAS_TOKEN", "wrong~secret")
    said = sent(course, results_folder)
    assert said.exit_code == 1
    assert "Canvas did not give the course 7" in said.output
    assert "wrong~secret" not in said.output
    monkeypatch.setenv("CANVAS_URL", "http://canvas.example.edu")
    assert "https" in sent(course, results_folder).output
    monkeypatch.delenv("CANVAS_TOKEN")
    assert "CANVAS_TOKEN" in sent(course, results_folder).output
