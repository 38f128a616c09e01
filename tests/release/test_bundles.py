"""The zip that students download: what is in it, what is not, and that it is the same every time."""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.course.course import Assignment, Course, load_course
from autograder.course.variant_codes import new_code
from autograder.release.answers import answers, asked_from
from autograder.release.bundle import Bundle, beside, build_bundle, with_code_of
from autograder.release.files import write_release
from autograder.release.master import Master, ReleaseError, read_master
from autograder.release.requirements import RequirementsError, requirements
from autograder.release.starter import build_release

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
NAMES = [assignment.name for assignment in COURSE.assignments]
Small = Callable[..., Assignment]
LATER = """\
  - name: 02_later
    title: Later things
    questions:
      - {id: triple, title: Triple, points: 2, kind: tests}
"""
LATER_MASTER = """\
# %% nbgrader={"grade_id": "triple", "solution": true}
class Tripler:
    def __call__(self, x):
        ### BEGIN SOLUTION
        twice_the_number = x + x
        thrice_the_number = twice_the_number + x
        return thrice_the_number * self.sign_of_result
        ### END SOLUTION

# %% nbgrader={"grade_id": "check_triple", "grade": true}
assert Tripler()(2) == 6
"""


def prepare(assignment: Assignment) -> Course:
    """Everything that a bundle needs beside the assignment itself."""
    root = assignment.root
    (root / "LICENSE").write_text("Do what you like.\n")
    (root / "constraints.txt").write_text("# pinned\nnumpy==2.0\nNotebook==7.1\nscikit_learn==1.5\n")
    if "02_later" not in (root / "course.yaml").read_text():
        text = (root / "course.yaml").read_text()
        text, mark, more = text.partition("data_sets:")
        (root / "course.yaml").write_text(text + LATER + mark + more)
    (root / "solutions/02_later").mkdir(exist_ok=True)
    (root / "solutions/02_later/solution.py").write_text(LATER_MASTER)
    course = load_course(root)
    for known in course.assignments:
        write_release(build_release(known))
    return course


def bundle(course: Course, name: str = "01_small") -> Bundle:
    return build_bundle(course, course.assignment(name), [read_master(a) for a in course.assignments])


def problems(course: Course, name: str = "01_small") -> Sequence[str]:
    with pytest.raises(ReleaseError) as caught:
        bundle(course, name)
    return caught.value.messages


def test_the_bundle_holds_the_release_and_how_to_use_it(small: Small) -> None:
    assignment = small()
    course = prepare(assignment)
    made = bundle(course)
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    assert set(members) == {
        f"01_small/{name}"
        for name in ("01_small.ipynb", "given_code.py", "LICENSE.txt", "README.md", "requirements.txt")
    }
    assert members["01_small/01_small.ipynb"] == assignment.starter_path.read_bytes()
    assert members["01_small/LICENSE.txt"] == b"Do what you like.\n"
    assert members["01_small/requirements.txt"] == b"Notebook==7.1\n"
    text = members["01_small/README.md"].decode()
    assert all(word in text for word in ("# Small things", "jupyter notebook 01_small.ipynb", "Colab"))
    assert "Trying it out" not in text


def test_the_readme_speaks_of_what_this_notebook_reads(small: Small, master_text: str) -> None:
    """No word of training or data where the notebook has none; else what course.yaml says of them."""
    reads = "import os\nprint(os.environ.get('SMALL_FAST'), os.environ.get('FLOWERS'))"
    assignment = small(master_text.replace('print("a long time")', reads))
    with (assignment.root / "course.yaml").open("a") as file:
        file.write("data_sets:\n  - {name: Flowers, variables: [FLOWERS], folder: petals, size_mb: 12}\n")
        file.write("  - {name: Trees, variables: [TREES]}\n")
    said = bundle(prepare(assignment)).files["README.md"].decode()
    assert "`SMALL_FAST` set to `1`" in said
    assert "downloads Flowers (12 MB)" in said
    assert "set `FLOWERS` to the\nfolder that holds `petals`" in said
    assert "Trees" not in said
    assert "torch" not in said


def test_the_same_release_gives_the_same_bytes(small: Small) -> None:
    course = prepare(small())
    first = bundle(course).data
    (course.root / "shared/given_code.py").touch()
    assert bundle(load_course(course.root)).data == first


def test_the_readme_names_what_is_handed_in(small: Small) -> None:
    course = prepare(small())
    assignment = replace(course.assignment("01_small"), artifacts=("w.safetensors",))
    made = build_bundle(course, assignment, [read_master(a) for a in course.assignments])
    assert "- `01_small.ipynb`\n- `w.safetensors`\n" in made.files["README.md"].decode()


def test_a_starter_that_is_not_released_is_refused(small: Small) -> None:
    course = prepare(small())
    course.assignment("01_small").starter_path.write_text("{}")
    assert any("01_small.ipynb: differs from what the master gives; run: autograder release 01_small" in message
               for message in problems(course))  # fmt: skip


@pytest.mark.parametrize(
    ("file", "said"), [("LICENSE", "tells students what they may do"), ("constraints.txt", "cannot be read")]
)
def test_what_is_missing_is_named(small: Small, file: str, said: str) -> None:
    course = prepare(small())
    (course.root / file).unlink()
    [message] = problems(course)
    assert file in message
    assert said in message


def test_several_mistakes_are_told_at_once(small: Small) -> None:
    course = prepare(small())
    (course.root / "LICENSE").unlink()
    (course.root / "shared/given_code.py").write_text("import not_pinned\nfrom sklearn import tree\n")
    write_release(build_release(course.assignment("01_small")))
    assert len(found := problems(course)) == 2
    assert "given_code.py: imports not_pinned, which is neither a public file nor pinned" in found[0]


def give_weights(course: Course, sha256: str = "") -> Course:
    folder = course.root / "reference_models/weights"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.safetensors").write_bytes(b"numbers")
    recorded = sha256 or hashlib.sha256(b"numbers").hexdigest()
    (folder / "tiny.safetensors.sha256").write_text(f"{recorded}  tiny.safetensors\n")
    title = "    title: Small things\n"
    text = (course.root / "course.yaml").read_text().replace(title, f"{title}    weights: [tiny]\n")
    (course.root / "course.yaml").write_text(text + f"reference_models:\n  - {{name: tiny, sha256: {recorded}}}\n")
    return load_course(course.root)


def test_weights_lie_beside_the_notebook(small: Small) -> None:
    made = bundle(give_weights(prepare(small())))
    assert made.files["tiny.safetensors"] == b"numbers"
    assert made.files["tiny.safetensors.sha256"].endswith(b"  tiny.safetensors\n")
    assert "| `tiny.safetensors` | weights of a reference network |" in made.files["README.md"].decode()


def test_changed_and_missing_weights_are_refused(small: Small) -> None:
    course = give_weights(prepare(small()), "0" * 64)
    with pytest.raises(ReleaseError, match=r"weights/tiny\.safetensors: found SHA-256 .*, expected 0000"):
        bundle(course)
    (course.root / "reference_models/weights/tiny.safetensors").unlink()
    with pytest.raises(ReleaseError, match=r"tiny\.safetensors: weights of 01_small, not readable: No such file"):
        bundle(course)


# -- requirements ----------------------------------------------------------------------------


def test_requirements_follow_from_imports(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("torch==2.0\nscikit-learn==1.5\npillow==11\nnotebook==7\nnumpy==2\n")
    cells = [
        "%matplotlib inline\nimport os, torch.nn as nn\nfrom local import x",
        "try:\n    import magic\nexcept ImportError:\n    pass",
    ]
    notebook = {"cells": [{"cell_type": "code", "source": source} for source in cells]}
    files = {
        "a.ipynb": json.dumps(notebook).encode(),
        "local.py": b"def f():\n    from sklearn.tree import T\n    import PIL",
    }
    assert requirements(files, tmp_path / "c.txt") == "notebook==7\npillow==11\nscikit-learn==1.5\ntorch==2.0\n"
    with pytest.raises(RequirementsError, match=r"b\.py: imports magic"):
        requirements(files | {"b.py": b"import magic"}, tmp_path / "c.txt")


# -- the allow-list --------------------------------------------------------------------------


def test_a_later_assignment_s_class_is_refused(small: Small) -> None:
    course = prepare(small())
    (course.root / "shared/given_code.py").write_text(
        "class Tripler:\n    def __call__(self, x):\n        return 3 * x\n"
    )
    for assignment in course.assignments:
        write_release(build_release(assignment))
    [message] = problems(course)
    assert "given_code.py: found a definition of Tripler, which 02_later asks for (triple)" in message


def test_a_renamed_answer_is_refused(small: Small) -> None:
    course = prepare(small())
    body = ["twice_the_number = x + x", "thrice_the_number = twice_the_number + x", "return thrice_the_number"]
    text = "\n    ".join(["def other(x):", *body]) + "\n"
    (course.root / "shared/given_code.py").write_text(text)
    write_release(build_release(course.assignment("01_small")))
    [message] = problems(course)
    assert "given_code.py: found 2 lines of the solution that 02_later asks for (triple)" in message


def test_an_earlier_answer_may_be_handed_out(small: Small) -> None:
    course = prepare(small())
    masters = [read_master(assignment) for assignment in course.assignments]
    given = {"earlier.py": b"def double(x):\n    return x + x\n"}
    assert answers(given, asked_from("02_later", masters)) == []
    assert len(answers(given, asked_from("01_small", masters))) == 1


@pytest.fixture(scope="module")
def masters() -> list[Master]:
    return [read_master(assignment) for assignment in COURSE.assignments]


@pytest.mark.parametrize("name", NAMES)
def test_no_bundle_and_no_sandbox_answers_its_own_or_a_later_assignment(name: str, masters: list[Master]) -> None:
    """The sandbox's read-only tree holds the public files, and the bundle those, the starter and weights."""
    assignment = COURSE.assignment(name)
    asked = asked_from(name, masters)
    assert len(asked) >= 4
    public = {path.name: path.read_bytes() for path in assignment.public_paths}
    assert answers(public, asked) == []
    assert answers(beside(build_release(assignment)), asked) == []


@pytest.mark.parametrize(
    ("name", "file"),
    [("01_baseline", "baseline.py"), ("03_separable", "mobilenet.py"), ("06_two_networks", "small_resnet.py")],
)
def test_the_reference_networks_are_known_as_answers(name: str, file: str, masters: list[Master]) -> None:
    """So that the test above cannot pass by looking at nothing."""
    if name not in NAMES or not (path := ROOT / "reference_models" / file).is_file():
        pytest.skip(f"{name} or {file} is not there")
    assert answers({file: path.read_bytes()}, asked_from(name, masters))
    assert all(file != public.name for public in COURSE.assignment(name).public_files)
    assert PurePosixPath(file).suffix == ".py"


@pytest.mark.parametrize("name", NAMES)
def test_every_bundle_can_be_built(name: str, masters: list[Master]) -> None:
    made = build_bundle(COURSE, COURSE.assignment(name), masters)
    assert b"torch==" in made.files["requirements.txt"]
    assert {"LICENSE.txt", "README.md", f"{name}.ipynb"} < set(made.files)


# -- the command -----------------------------------------------------------------------------


OF_THIS_COURSE = ("torch", "cifar", "colab gpu", "gpu", "neural", "deep learning", "reference network")


@pytest.mark.parametrize("name", ["sales", "words"])
def test_the_bundles_of_another_course_do_not_speak_of_this_one(name: str, tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT / "examples" / name, tmp_path / name))
    course = load_course(root)
    masters = [read_master(assignment) for assignment in course.assignments]
    for assignment in course.assignments:
        write_release(build_release(assignment))
        made = build_bundle(course, assignment, masters)
        assert {"README.md", "requirements.txt", "LICENSE.txt", f"{assignment.name}.ipynb"} <= set(made.files)
        for file, data in made.files.items():
            text = f"{file}\n{data.decode()}".lower()
            found = [word for word in OF_THIS_COURSE if re.search(rf"\b{word}", text)]
            assert found == [], f"{assignment.name}/{file}"


@pytest.mark.skipif(shutil.which("unzip") is None, reason="needs unzip")
@pytest.mark.parametrize("name", ["01_sales.zip", "s017.zip"])
def test_what_the_readme_says_of_colab_puts_every_file_where_the_notebook_looks(name: str, tmp_path: Path) -> None:
    """A folder of data keeps its shape: `pd.read_csv("data/sales.csv")`. One student's own zip has another name."""
    course = load_course(Path(shutil.copytree(ROOT / "examples/sales", tmp_path / "sales")))
    assignment = course.assignment("01_sales")
    write_release(build_release(assignment))
    bundle = build_bundle(course, assignment, [read_master(assignment)])
    data = bundle.data if name == bundle.name else with_code_of(bundle, new_code([], random.Random(1).choice), name)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        [command] = re.findall(r"^    !(.*)$", file.read("01_sales/README.md").decode(), re.MULTILINE)
    content = tmp_path / "content"
    content.mkdir()
    (content / name).write_bytes(data)
    subprocess.run(["bash", "-c", command], cwd=content, check=True)
    assert (content / "data/sales.csv").read_bytes() == (course.root / "data/sales.csv").read_bytes()
    assert (content / "personal.py").is_file()


def test_the_bundle_of_a_course_that_uses_torch_does(masters: list[Master]) -> None:
    """The words above would be found."""
    said = build_bundle(load_course(ROOT), load_course(ROOT).assignment(NAMES[0]), masters).files["README.md"].decode()
    assert "torch" in said
    assert "GPU" in said


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["release", "--course", str(root), *arguments])


def test_the_command_writes_a_zip_for_each_assignment(small: Small, tmp_path: Path) -> None:
    course = prepare(small())
    result = run(course.root, "--bundle")
    assert result.exit_code == 0, result.output
    written = sorted((course.root / "build/bundles").iterdir())
    assert [path.name for path in written] == ["01_small.zip", "02_later.zip"]
    assert written[0].read_bytes() == bundle(course).data
    out = tmp_path / "elsewhere"
    [entry] = json.loads(run(course.root, "02_later", "--bundle", "--json", "-o", str(out)).stdout)
    assert entry == {"assignment": "02_later", "path": str(out / "02_later.zip"), "problems": []}


def test_a_refused_bundle_does_not_stop_the_next(small: Small) -> None:
    course = prepare(small())
    course.assignment("01_small").starter_path.unlink()
    result = run(course.root, "--bundle")
    assert result.exit_code == 1
    assert "assignments/01_small/01_small.ipynb: missing" in result.output
    assert "Traceback" not in result.output
    assert [path.name for path in (course.root / "build/bundles").iterdir()] == ["02_later.zip"]


@pytest.mark.parametrize(
    "arguments",
    [("--bundle", "--check"), ("--bundle", "--solutions"), ("--solutions", "--drop-earlier"), ("--output", "x")],
)
def test_options_that_do_not_go_together(small: Small, arguments: tuple[str, ...]) -> None:
    assert run(small().root, *arguments).exit_code == 2


def test_a_folder_that_cannot_be_written_is_named(small: Small) -> None:
    course = prepare(small())
    (course.root / "taken").write_text("a file")
    result = run(course.root, "01_small", "--bundle", "-o", str(course.root / "taken/deeper"))
    assert result.exit_code == 1
    assert "cannot be written (Not a directory); name another folder with --output" in result.output
