"""The autograder zip for Gradescope: this engine, one assignment with its hidden tests, and two scripts.

Gradescope unpacks it to /autograder/source as root, runs `setup.sh` once and `run_autograder` for each submission. It
holds the course's secret and the hidden tests: it is for the course's staff only.
"""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ruamel.yaml import YAML

from autograder.course.course import Assignment, Course
from autograder.course.secret import FILE as SECRET_FILE
from autograder.exchange.gradescope.engine import constraints, wheel, zipped
from autograder.release.bundle import CONSTRAINTS, beside
from autograder.release.requirements import RequirementsError, requirements
from autograder.release.starter import build_release

SCRIPTS = ("setup.sh", "run_autograder")
COURSE, SETTINGS, WHEELHOUSE = "course", "settings.json", "wheelhouse"
_ENGINE = "autograder"
_IGNORED = {"__pycache__", ".ipynb_checkpoints"}


class BundleError(Exception):
    """The zip cannot be made. The message says what is missing and what to do."""


@dataclass(frozen=True)
class GradescopeBundle:
    """data: the zip. notes: what the instructor should know."""

    data: bytes
    notes: tuple[str, ...]


def gradescope_bundle(
    course: Course, assignment: Assignment, course_file: Path, secret: bytes, *, leaderboard: bool = False,
    wheelhouse: Path | None = None,
) -> GradescopeBundle:  # fmt: skip
    """Return the autograder zip of an assignment.

    secret: the course's. leaderboard: whether the points go onto Gradescope's. wheelhouse: a folder of wheels to
    install from, without a network.

    Raises BundleError, EngineMissing, ReleaseError, and OSError for a file that cannot be read.
    """
    release = build_release(assignment)
    try:
        wanted = requirements(beside(release), assignment.root / CONSTRAINTS)
    except RequirementsError as error:
        raise BundleError(str(error)) from error
    torch = any(name.split(".")[0] in ("torch", "torchvision") for name in assignment.preload) or "torch==" in wanted
    extras = ("torch",) if torch else ()
    engine_name, engine = wheel()
    pins = {line.partition("==")[0].lower().replace("_", "-"): line for line in constraints(extras)}
    pins |= {line.partition("==")[0].lower().replace("_", "-"): line for line in wanted.split("\n") if line}
    extra = f"[{','.join(extras)}]" if extras else ""
    files = {name: _script(name) for name in SCRIPTS}
    files |= {
        SETTINGS: json.dumps(
            {"assignment": assignment.name, "backend": "confined-uid", "leaderboard": leaderboard}, indent=1
        ).encode(),
        engine_name: engine,
        "requirements.txt": f"./{engine_name}{extra}\n{wanted}".encode(),
        "constraints.txt": "".join(f"{pins[name]}\n" for name in sorted(pins)).encode(),
    }
    for path, data in course_files(course, assignment, course_file).items():
        files[f"{COURSE}/{path}"] = data
    files[f"{COURSE}/{SECRET_FILE}"] = secret + b"\n"
    for wheel_file in sorted(wheelhouse.glob("*.whl")) if wheelhouse is not None else ():
        files[f"{WHEELHOUSE}/{wheel_file.name}"] = wheel_file.read_bytes()
    notes = ["the zip holds the hidden tests, the solution and the course's secret: keep it among the course's staff"]
    manual = [question for question in assignment.questions if question.kind == "manual"]
    if manual:
        titles = ", ".join(f"{question.title} ({question.points:g})" for question in manual)
        notes.append(f"for Gradescope's rubric, since a person marks them: {titles}")
    if course.late_policy.percent_per_day:
        notes.append(
            "points for late hand-ins are taken off the points by tests, by Gradescope's due date for each student; "
            "points of the rubric are not touched"
        )
    return GradescopeBundle(zipped(files, SCRIPTS), tuple(notes))


def _script(name: str) -> bytes:
    return resources.files("autograder.exchange.gradescope").joinpath("scripts", f"{name}.txt").read_bytes()


def course_files(course: Course, assignment: Assignment, course_file: Path) -> dict[str, bytes]:
    """Return path in the course -> bytes: a course of this assignment alone, with all that grading it reads."""
    root = course.root
    wanted = {*_below(assignment.solution_dir), *_below(assignment.starter_dir)}
    for path in assignment.public_paths:
        wanted |= set(_below(path) if path.is_dir() else [path])
    for model in assignment.weights:
        wanted |= {root / file for file in model.files}
    sources = [path for path in wanted if path.suffix == ".py"]
    wanted |= set(_imported(root, sources))
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(wanted)}
    return {"course.yaml": _one_assignment(course_file, assignment), **files}


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not _IGNORED & set(path.parts):
            yield path


def _imported(root: Path, sources: list[Path]) -> Iterator[Path]:
    """Yield the files of the course's own modules that these files import, and those that they import."""
    seen: set[str] = set()
    waiting = list(sources)
    while waiting:
        for name in _imports(waiting.pop()):
            if name in seen or name == _ENGINE:
                continue
            seen.add(name)
            package = [path for path in _below(root / name) if path.suffix == ".py"] if (root / name).is_dir() else []
            found = [*package, *([root / f"{name}.py"] if (root / f"{name}.py").is_file() else [])]
            waiting += found
            yield from found


def _imports(path: Path) -> set[str]:
    """Return the first parts of the names of imported modules; nothing where the file is no plain Python."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _one_assignment(course_file: Path, assignment: Assignment) -> bytes:
    """Return course.yaml with this assignment only, and a roster that is written for each submission."""
    yaml = YAML()
    found = yaml.load(course_file.read_text(encoding="utf-8"))
    found["assignments"] = [entry for entry in found["assignments"] if entry["name"] == assignment.name]
    found["roster"] = "roster.csv"
    used = {model.name for model in assignment.weights}
    if "reference_models" in found:
        found["reference_models"] = [entry for entry in found["reference_models"] if entry.get("name") in used]
        if not found["reference_models"]:
            del found["reference_models"]
    found.pop("samples", None)
    text = io.StringIO()
    yaml.dump(found, text)
    return text.getvalue().encode()
