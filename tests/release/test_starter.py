"""What becomes of a master: the starter, the solved notebook, and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from autograder.course.course import Assignment
from autograder.release.starter import ReleaseError, build_release, read_master, solution_notebook, starter_notebook

Small = Callable[..., Assignment]


def cells(notebook: bytes) -> dict[str, Any]:
    return {cell["id"]: cell for cell in nbformat.reads(notebook.decode(), as_version=4).cells}


def refusals(assignment: Assignment) -> tuple[str, ...]:
    with pytest.raises(ReleaseError) as caught:
        build_release(assignment)
    return caught.value.messages


def test_blanks_are_emptied_each_in_its_way(small: Small) -> None:
    starter = cells(starter_notebook(read_master(small())))
    assert starter["double"].source == 'def double(x):\n    """Twice x."""\n    raise NotImplementedError'
    assert starter["repair"].source == (
        "def mean(values):\n    total_of_values = sum(values) + 0\n    return total_of_values / (len(values) + 1)"
    )
    assert starter["quiz_1"].source == 'quiz_1 = None  # one of "a", "b"'
    assert starter["essay"].source == "Why? Two sentences.\n\n*Your answer:*"
    assert starter["check_double"].source == 'assert double(2) == 4, "twice two is four"'


def test_points_come_from_the_course_file(small: Small) -> None:
    starter = cells(starter_notebook(read_master(small())))
    points = {
        id: cell.metadata.nbgrader.points
        for id, cell in starter.items()
        if "points" in cell.metadata.get("nbgrader", {})
    }
    assert points == {"check_double": 2, "check_repair": 1.5, "check_quiz": 2, "essay": 3}


def test_the_starter_is_valid_for_nbformat_and_nbgrader(small: Small) -> None:
    notebook = nbformat.reads(starter_notebook(read_master(small())).decode(), as_version=4)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader.schema_version == 3
            assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
            assert cell.metadata.nbgrader.cell_type == cell.cell_type
            assert cell.metadata.deletable is False
            assert cell.metadata.get("editable", True) == cell.metadata.nbgrader.solution
        assert not cell.get("outputs")


def test_tags_and_stable_ids(small: Small, master_text: str) -> None:
    starter = cells(starter_notebook(read_master(small())))
    assert list(starter) == [
        "intro", "intro-plus-1", "intro-plus-2", "double", "check_double", "repair", "check_repair",
        "check_repair-plus-1", "quiz_1", "quiz_2", "check_quiz", "check_quiz-plus-1", "essay",
    ]  # fmt: skip
    assert starter["check_quiz-plus-1"].metadata.tags == ["train"]
    assert starter["intro-plus-1"].metadata.tags == ["setup"]
    longer = master_text.replace("# %% [markdown]\n# Which?", "# %%\nmath.pi\n\n# %% [markdown]\n# Which?")
    assert set(starter) < set(cells(starter_notebook(read_master(small(longer)))))


def test_the_solved_notebook_differs_in_the_blanks_only(small: Small) -> None:
    master = read_master(small())
    starter, solved = (json.loads(make(master)) for make in (starter_notebook, solution_notebook))
    assert starter["metadata"] == solved["metadata"]
    blanks = {"double", "repair", "quiz_1", "quiz_2", "essay"}
    for before, after in zip(starter["cells"], solved["cells"], strict=True):
        if before["id"] in blanks:
            assert before["source"] != after["source"]
            assert {**before, "source": ""} == {**after, "source": ""}
        else:
            assert before == after
    source = {cell["id"]: "".join(cell["source"]) for cell in solved["cells"]}
    assert source["repair"].endswith("return total_of_values / max(1, len(values))")
    assert "STARTER" not in source["repair"]
    assert "(len(values) + 1)" not in source["repair"]
    assert "### " not in "".join(source[id] for id in blanks)


def test_the_solved_notebook_runs(small: Small) -> None:
    solved = json.loads(solution_notebook(read_master(small())))
    code = "\n".join("".join(cell["source"]) for cell in solved["cells"] if cell["cell_type"] == "code")
    namespace: dict[str, Any] = {}
    exec(compile(code, "solved", "exec"), namespace)  # noqa: S102  # our own master
    assert namespace["mean"]([1, 3]) == 2


def test_the_same_input_gives_the_same_bytes(small: Small) -> None:
    first, second = build_release(small()), build_release(small())
    assert first == second
    assert first.files["01_small.ipynb"] == starter_notebook(read_master(small()))
    assert set(first.files) == {"01_small.ipynb", "given_code.py"}


def test_the_release_id_is_in_the_notebook_and_follows_everything_released(small: Small, master_text: str) -> None:
    release = build_release(small())
    metadata = json.loads(release.files["01_small.ipynb"])["metadata"]
    assert metadata["autograder"] == {"assignment": "01_small", "release": release.id}
    ids = {release.id, build_release(small(master_text.replace("twice two", "two twos"))).id}
    assignment = small()
    (assignment.root / "shared/given_code.py").write_text("PUBLIC = 2\n")
    ids.add(build_release(assignment).id)
    assert len(ids) == 3
    only_secret = small(master_text.replace("twice_the_number", "doubled_the_number"))
    assert build_release(only_secret).id == release.id


def test_the_descriptor_holds_what_matching_needs(small: Small) -> None:
    release = build_release(small())
    described = release.descriptor.cells
    notebook = json.loads(release.files["01_small.ipynb"])["cells"]
    assert [cell.id for cell in described] == [cell["id"] for cell in notebook]
    assert [cell.source for cell in described] == ["".join(cell["source"]) for cell in notebook]
    assert {cell.grade_id for cell in described} >= {"", "double", "check_quiz"}
    assert [cell.tags for cell in described if "train" in cell.tags] == [("train",)]


def test_windows_line_ends_make_no_difference(small: Small, master_text: str) -> None:
    plain = build_release(small())
    assignment = small()
    assignment.solution_path.write_bytes(master_text.replace("\n", "\r\n").encode())
    assert build_release(assignment).files == plain.files


REFUSED: list[tuple[str, str, list[str]]] = [
    (
        '"grade_id": "double", "solution"',
        '"grade_id": "triple", "solution"',
        [
            "solution.py:12: found the blank 'triple', which is no question of 01_small",
            "found no blank with grade_id 'double'",
        ],
    ),
    ("    ### END SOLUTION\n\n# %% tags", "\n# %% tags", ["solution.py:12: found BEGIN SOLUTION without END SOLUTION"]),
    ("    ### BEGIN SOLUTION\n    twice", "    twice", ["solution.py:12: found END SOLUTION without its BEGIN"]),
    (
        "    ### BEGIN SOLUTION\n    twice",
        "    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n    twice",
        ["found BEGIN SOLUTION inside SOLUTION"],
    ),
    ("    ### BEGIN SOLUTION\n    twice", "    x = 1 ### BEGIN SOLUTION\n    twice", ["inside a line"]),
    ("import math", "### BEGIN SOLUTION\nimport math\n### END SOLUTION", ["in a cell that is no blank"]),
    (
        '"grade_id": "check_double"',
        '"grade_id": "test_double"',
        [
            "found the graded cell 'test_double', expected check_<question id>",
            "solution.py:12: found no check cell check_double",
        ],
    ),
    ('"grade_id": "check_repair"', '"grade_id": "check_double"', ["found grade_id 'check_double' a second time"]),
    (
        '{"grade_id": "intro", "locked": true}',
        '{"grade_id": "intro", "locked": }',
        ["found nbgrader metadata that is no JSON"],
    ),
    ('"grade_id": "intro"', '"grade_id": "in tro"', ["solution.py:1: found grade_id 'in tro'"]),
    (
        '"grade_id": "double", "solution": true',
        '"grade_id": "double", "solution": true, "points": 3',
        ["found points in 'double'"],
    ),
    (
        '"grade_id": "essay", "grade": true',
        '"grade_id": "essay", "grade": false',
        ["found grade: false in the blank 'essay'"],
    ),
    ('tags=["train"]', 'tags=["trian"]', ["found the tag 'trian', expected one of train, check"]),
    (
        'tags=["check"] nbgrader={"grade_id": "check_quiz"',
        'tags=["train"] nbgrader={"grade_id": "check_quiz"',
        ["so it cannot count"],
    ),
    (
        "    ### BEGIN SOLUTION\n    total_of_values = sum(values) + 0\n",
        "    total_of_values = sum(values) + 0\n",
        ["found END SOLUTION without its BEGIN"],
    ),
]


@pytest.mark.parametrize(("right", "wrong", "messages"), REFUSED, ids=[r[2][0][-40:] for r in REFUSED])
def test_a_wrong_master_is_refused(small: Small, master_text: str, right: str, wrong: str, messages: list[str]) -> None:
    assert right in master_text
    found = refusals(small(master_text.replace(right, wrong, 1)))
    for message in messages:
        assert any(message in line for line in found), found
    assert all(line.startswith("solutions/01_small/solution.py") for line in found)


def test_a_check_before_its_blank_is_refused(small: Small, master_text: str) -> None:
    parts = master_text.split("# %% ")
    blank = next(i for i, part in enumerate(parts) if '"grade_id": "double"' in part)
    parts[blank], parts[blank + 1] = parts[blank + 1], parts[blank]
    assert any("found check_double before the last blank" in line for line in refusals(small("# %% ".join(parts))))


def test_a_missing_master_is_named(small: Small) -> None:
    assignment = small()
    assignment.solution_path.unlink()
    assert "solutions/01_small/solution.py: cannot be read" in refusals(assignment)[0]


LEAKS = [
    ("import math", 'import math\nNOTE = \'say quiz_1 = "b" and go on\'\nquiz_1 = "b"', "the answer key of 'quiz_1'"),
    (
        "# # Small things",
        "# # Small things\n# Hint: `return twice_the_number`",
        "the solution of 'double' would be seen",
    ),
    ('assert double(2) == 4, "twice two is four"', "x = 1\ntwice_the_number = x + x", "in cell 'check_double'"),
    ("# Which?", "# Which?\n# - evidence (2): quotes the number from the figure", "the mark scheme of 'essay'"),
    (
        "# Which?",
        '# Which? `assert double(-1.5) == -3.0 and double("ab") == "abab"`',
        "the hidden tests of 'check_double'",
    ),
    (
        'print("a long time")',
        "x = 2\ntwice_the_number = x + x\ndef f():\n    return twice_the_number",
        "'double' would be seen",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "message"), LEAKS, ids=[leak[2] for leak in LEAKS])
def test_a_leak_is_refused(small: Small, master_text: str, right: str, wrong: str, message: str) -> None:
    assert right in master_text
    found = refusals(small(master_text.replace(right, wrong, 1)))
    assert any(message in line for line in found), found


def test_a_public_file_with_the_answer_is_refused(small: Small) -> None:
    assignment = small()
    public = assignment.root / "shared/given_code.py"
    public.write_text("def double(x):\n    twice_the_number = x + x\n    return twice_the_number\n")
    assert any("the solution of 'double' would be seen in public file given_code.py" in m for m in refusals(assignment))


def test_code_that_is_wrong_on_purpose_may_share_lines_with_the_right_one(small: Small) -> None:
    starter = cells(starter_notebook(read_master(small())))
    assert "total_of_values = sum(values) + 0" in starter["intro-plus-2"].source
    build_release(small())


def test_nothing_of_the_machine_is_in_a_release(small: Small, tmp_path: Path) -> None:
    release = build_release(small())
    assert not any(str(tmp_path).encode() in data for data in release.files.values())


TASK = '# %% [markdown] nbgrader={"grade_id": "essay", "task": true}\n# Explore it, in cells of your own.\n'
SCHEME = "#\n# ### BEGIN MARK SCHEME\n# One point for each thing found, three at most.\n# ### END MARK SCHEME\n"


def with_task(master_text: str, task: str) -> str:
    place = master_text.index('# %% [markdown] nbgrader={"grade_id": "essay"')
    return master_text[:place] + task


def test_a_task_says_what_to_do_and_is_locked(small: Small, master_text: str) -> None:
    assignment = small(with_task(master_text, TASK + SCHEME))
    release = build_release(assignment)
    notebook = nbformat.reads(release.files["01_small.ipynb"].decode(), as_version=4)
    MetadataValidator().validate_nb(notebook)
    task = notebook.cells[-1]
    assert task.source == "Explore it, in cells of your own."
    assert task.metadata.nbgrader.items() >= {"task": True, "locked": True, "points": 3, "grade": False}.items()
    assert task.metadata.editable is False
    assert [cell.grade_id for cell in release.descriptor.cells if cell.task] == ["essay"]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (TASK.replace('"essay"', '"double_more"'), "expected the id of a question of kind manual"),
        (TASK.replace(" [markdown]", ""), "found a code cell as the task 'essay', expected Markdown"),
        (TASK.replace('"task": true', '"task": true, "solution": true'), 'expected "task": true alone'),
    ],
)
def test_a_wrong_task_is_refused(small: Small, master_text: str, task: str, expected: str) -> None:
    assert any(expected in message for message in refusals(small(with_task(master_text, task))))
