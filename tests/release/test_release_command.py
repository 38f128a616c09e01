"""`autograder release` on disk: what is written, what is stale, what is kept of earlier releases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.course.course import Assignment
from autograder.course.releases import Releases, ReleasesError, load_releases
from autograder.release import files as release_files
from autograder.release.starter import build_release

Small = Callable[..., Assignment]


def run(assignment: Assignment, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["release", "--course", str(assignment.root), *arguments])


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_release_writes_the_starter_and_the_public_files_and_nothing_else(small: Small) -> None:
    assignment = small()
    result = run(assignment)
    assert result.exit_code == 0, result.output
    assert tree(assignment.root / "assignments") == {
        f"01_small/{name}": data for name, data in build_release(assignment).files.items()
    }


def test_releasing_again_changes_nothing(small: Small) -> None:
    assignment = small()
    run(assignment)
    before = tree(assignment.root)
    times = {path: path.stat().st_mtime_ns for path in assignment.starter_dir.iterdir()}
    result = run(assignment, "01_small")
    assert "up to date" in result.output
    assert tree(assignment.root) == before
    assert {path: path.stat().st_mtime_ns for path in assignment.starter_dir.iterdir()} == times


def test_check_is_content_after_a_release(small: Small) -> None:
    assignment = small()
    run(assignment)
    before = tree(assignment.root)
    assert run(assignment, "--check").exit_code == 0
    assert tree(assignment.root) == before


@pytest.mark.parametrize("file", ["01_small.ipynb", "given_code.py"])
@pytest.mark.parametrize("damage", ["edit", "delete"])
def test_check_names_each_stale_file_and_the_command(small: Small, file: str, damage: str) -> None:
    assignment = small()
    run(assignment)
    path = assignment.starter_dir / file
    if damage == "edit":
        path.write_bytes(path.read_bytes() + b"\n")
    else:
        path.unlink()
    result = run(assignment, "--check")
    assert result.exit_code == 1
    assert f"assignments/01_small/{file}: " in result.output
    assert "run: autograder release 01_small" in result.output
    assert run(assignment).exit_code == 0
    assert run(assignment, "--check").exit_code == 0


def test_check_sees_changed_points_and_a_changed_master(small: Small, master_text: str) -> None:
    assignment = small()
    run(assignment)
    course = assignment.root / "course.yaml"
    course.write_text(course.read_text().replace("points: 3", "points: 4"))
    result = run(assignment, "--check")
    assert result.exit_code == 1
    assert "01_small.ipynb: differs" in result.output
    assert "releases.json: differs" in result.output
    course.write_text(course.read_text().replace("points: 4", "points: 3"))
    assert run(assignment, "--check").exit_code == 0
    small(master_text.replace("# # Small things", "# # Smaller things"))
    assert run(assignment, "--check").exit_code == 1


def test_check_names_what_does_not_belong_there(small: Small) -> None:
    assignment = small()
    run(assignment)
    stray = assignment.starter_dir / "notes.txt"
    stray.write_text("mine")
    (assignment.starter_dir / "__pycache__").mkdir()
    (assignment.starter_dir / "__pycache__/x.pyc").write_text("")
    result = run(assignment, "--check")
    assert result.exit_code == 1
    assert "assignments/01_small/notes.txt: is not part of the release" in result.output
    assert "pycache" not in result.output
    result = run(assignment)
    assert result.exit_code == 1
    assert stray.read_text() == "mine"  # never deleted: we did not make it


def test_a_file_that_is_no_longer_public_is_taken_away_unless_somebody_changed_it(small: Small) -> None:
    assignment = small()
    run(assignment)
    course = assignment.root / "course.yaml"
    course.write_text(course.read_text().replace("    public_files: [shared/given_code.py]\n", ""))
    copy = assignment.starter_dir / "given_code.py"
    original = copy.read_bytes()
    copy.write_text("changed by hand\n")
    assert run(assignment).exit_code == 1
    assert copy.exists()
    copy.write_bytes(original)
    assert run(assignment).exit_code == 0
    assert not copy.exists()


def test_descriptors_of_earlier_releases_are_kept(small: Small, master_text: str) -> None:
    assignment = small()
    run(assignment)
    first = build_release(assignment)
    run(small(master_text.replace("# # Small things", "# # Smaller things")))
    second = build_release(assignment)
    releases = load_releases(assignment.releases_path)
    assert [entry.release for entry in releases.entries] == [first.id, second.id]
    assert releases.newest == second.descriptor
    assert releases.get(first.id) == first.descriptor
    assert releases.get("nothing") is None
    run(small())  # back to the first text
    assert [entry.release for entry in load_releases(assignment.releases_path).entries] == [second.id, first.id]
    run(assignment, "--drop-earlier")
    assert [entry.release for entry in load_releases(assignment.releases_path).entries] == [first.id]


def test_a_broken_releases_file_is_named_and_left_alone(small: Small) -> None:
    assignment = small()
    run(assignment)
    for text in ["{", "[]", '{"schema_version": 2}', '{"schema_version": 1, "sources": {}, "releases": {"a": {}}}']:
        assignment.releases_path.write_text(text)
        result = run(assignment)
        assert result.exit_code == 1
        assert "releases.json" in result.output
        assert assignment.releases_path.read_text() == text
        with pytest.raises(ReleasesError):
            load_releases(assignment.releases_path)
    assert load_releases(assignment.root / "none.json") == Releases()


def test_a_refused_master_leaves_the_last_release_as_it_was(small: Small, master_text: str) -> None:
    assignment = small()
    run(assignment)
    before = tree(assignment.root / "assignments")
    result = run(small(master_text.replace('"grade_id": "check_double"', '"grade_id": "other"')))
    assert result.exit_code == 1
    assert "solutions/01_small/solution.py:20: found the graded cell 'other'" in result.output
    assert "Traceback" not in result.output
    assert tree(assignment.root / "assignments") == before


def test_an_interrupted_write_leaves_the_old_file_and_no_litter(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = small()
    run(assignment)
    before = tree(assignment.starter_dir)
    (assignment.root / "shared/given_code.py").write_text("PUBLIC = 3\n")

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        release_files.write_release(build_release(assignment))
    assert tree(assignment.starter_dir) == before


def test_json_output_and_unknown_names(small: Small) -> None:
    assignment = small()
    [entry] = json.loads(run(assignment, "--json").output)
    assert entry["assignment"] == "01_small"
    assert entry["release"] == build_release(assignment).id
    assert len(entry["changed"]) == 3
    result = run(assignment, "01_smal")
    assert result.exit_code == 1
    assert "did you mean '01_small'" in result.output
    assert run(assignment, "--check", "--drop-earlier").exit_code == 2


def test_mistakes_in_the_course_file_end_the_command(small: Small) -> None:
    assignment = small()
    (assignment.root / "course.yaml").write_text("title: T\n")
    result = run(assignment)
    assert result.exit_code == 1
    assert "Error: course.yaml:1: found no 'assignments'" in result.output


def test_help_imports_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from autograder.cli import main;"
        "result = CliRunner().invoke(main, ['--help']); assert result.exit_code == 0 and 'release' in result.output;"
        "print(sorted({'torch', 'nbgrader', 'nbformat', 'pytest', 'numpy', 'IPython'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
