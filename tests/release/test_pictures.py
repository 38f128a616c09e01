"""A picture beside the master stands in the notebook itself, with its description."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.course import Assignment, load_course
from autograder.release.pictures import MOST_BYTES
from autograder.release.starter import ReleaseError, build_release

COURSE = load_course(Path(__file__).resolve().parents[2])
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>t</title></svg>'


def with_text(small: Callable[..., Assignment], master_text: str, text: str) -> Assignment:
    return small(master_text.replace("# # Small things\n", f"# # Small things\n#\n# {text}\n", 1))


def intro(assignment: Assignment) -> str:
    notebook = json.loads(build_release(assignment).files[f"{assignment.name}.ipynb"])
    return "".join(notebook["cells"][0]["source"])


def test_it_stands_in_the_cell(small: Callable[..., Assignment], master_text: str) -> None:
    assignment = with_text(small, master_text, 'See ![one "idea" & more](idea.svg) and ![](https://example.org/a.svg)')
    (assignment.solution_dir / "idea.svg").write_text(SVG)
    text = intro(assignment)
    address = base64.b64encode(SVG.encode()).decode()
    image = f'<img alt="one &quot;idea&quot; &amp; more" src="data:image/svg+xml;base64,{address}">'
    assert f"See {image} and ![](https://example.org/a.svg)" in text


@pytest.mark.parametrize("place", ["../idea.svg", "idea.txt", "a/b.svg", "data:image/svg+xml;base64,AAAA"])
def test_other_addresses_stay_as_they_are(small: Callable[..., Assignment], master_text: str, place: str) -> None:
    assert f"![x]({place})" in intro(with_text(small, master_text, f"![x]({place})"))


def test_a_picture_that_is_not_there_or_too_large_is_named(small: Callable[..., Assignment], master_text: str) -> None:
    assignment = with_text(small, master_text, "![x](idea.svg)")
    with pytest.raises(ReleaseError, match=r"solution.py:1: found the picture 'idea.svg', which cannot be read"):
        build_release(assignment)
    (assignment.solution_dir / "idea.svg").write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(ReleaseError, match="expected at most 64 KiB"):
        build_release(assignment)


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda one: one.name)
def test_each_assignment_of_the_course_shows_its_idea(assignment: Assignment) -> None:
    picture = (assignment.solution_dir / "idea.svg").read_text("utf-8")
    tree = ET.fromstring(picture)
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} <= {
        *("svg", "title", "defs", "marker", "path", "rect", "text", "circle", "polygon"),
    }, "shapes and words, nothing that runs or is fetched"
    assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")
    text = intro(assignment)
    found = re.search(r'<img alt="([^"]{80,})" src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)">', text)
    assert found is not None, "with a description for who does not see it"
    assert base64.b64decode(found[2]).decode() == picture


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda one: one.name)
def test_each_part_says_how_difficult_and_how_important_it_is(assignment: Assignment) -> None:
    lines = re.findall(r"^# \*Difficulty .*$", assignment.solution_path.read_text("utf-8"), re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        scales = re.match(r"# \*Difficulty ([●○]{4}) · importance ([●○]{4}) · \d+ minutes\*", line)
        assert scales is not None, line
        assert all(re.fullmatch("●+○*", scale) for scale in scales.groups()), line
