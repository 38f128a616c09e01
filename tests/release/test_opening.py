"""A starter opens on Colab and Kaggle by one click, with its files, where the course says where they lie."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.course import Assignment, CourseError, load_course
from autograder.release.files import write_release
from autograder.release.starter import build_release, read_master, solution_notebook

COURSE = """\
title: Small
repository_url: {}
assignments:
  - name: 01_small
    title: Small things
    public_files: [shared/given_code.py]
    questions:
      - {{id: double, title: Double, points: 2, kind: tests}}
      - {{id: repair, title: Repair, points: 1.5, kind: tests}}
      - {{id: quiz, title: Quiz, points: 2, kind: quiz}}
      - {{id: essay, title: Essay, points: 3, kind: manual}}
"""
URL = "https://github.com/someone/course/tree/spring/teaching/nets"


def with_url(url: str) -> str:
    return COURSE.format(url)


def cells(assignment: Assignment) -> dict[str, dict]:
    notebook = json.loads(build_release(assignment).files[f"{assignment.name}.ipynb"])
    return {cell["id"]: {**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]}


def test_badges_stand_behind_the_title(small: Callable[..., Assignment]) -> None:
    assignment = small(course=with_url(URL))
    found = cells(assignment)
    assert list(found)[:3] == ["intro", "open_elsewhere", "files_elsewhere"]
    place = "someone/course/blob/spring/teaching/nets/assignments/01_small/01_small.ipynb"
    badges = found["open_elsewhere"]["source"]
    assert f"(https://colab.research.google.com/github/{place})" in badges
    assert f"(https://kaggle.com/kernels/welcome?src=https://github.com/{place})" in badges
    solved = json.loads(solution_notebook(read_master(assignment)))
    assert [cell["id"] for cell in solved["cells"]] == list(found)


def test_without_a_repository_nothing_changes(small: Callable[..., Assignment]) -> None:
    assert "open_elsewhere" not in cells(small())
    assert set(cells(small(course=with_url(URL)))) - set(cells(small())) == {"open_elsewhere", "files_elsewhere"}


def test_files_are_fetched_there_and_nowhere_else(
    small: Callable[..., Assignment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = cells(small(course=with_url(URL)))["files_elsewhere"]["source"]
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(urllib.request, "urlretrieve", lambda url, path: asked.append((url, path)))
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    exec(source, {})  # noqa: S102 - our own cell
    assert asked == []
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    exec(source, {})  # noqa: S102
    raw = "https://raw.githubusercontent.com/someone/course/spring/teaching/nets/assignments/01_small"
    assert asked == [(f"{raw}/given_code.py", "given_code.py")]
    Path("given_code.py").write_text("")
    exec(source, {})  # noqa: S102
    assert len(asked) == 1, "what is there is not fetched"


def test_a_release_with_badges_is_up_to_date_with_itself(small: Callable[..., Assignment]) -> None:
    assignment = small(course=with_url("https://github.com/someone/course"))
    write_release(build_release(assignment))
    assert "/someone/course/main/assignments/" in cells(assignment)["files_elsewhere"]["source"]
    assert "'given_code.py'" in assignment.starter_path.read_text()


@pytest.mark.parametrize("url", ["http://github.com/a/b", "https://github.com/a", "https://github.com/a/b/tree/x y",
                                 "https://example.org/a/b", "https://github.com/a/b)<script>"])  # fmt: skip
def test_an_address_that_is_none_is_refused(small: Callable[..., Assignment], url: str) -> None:
    root = small().root
    (root / "course.yaml").write_text(with_url(f'"{url}"'))
    with pytest.raises(CourseError, match="repository_url"):
        load_course(root)
