"""What a student downloads: one zip with the starter, the files beside it, weights, licence, requirements and a README.

It holds exactly what course.yaml allows (`public_files`, `weights`) and nothing that answers a blank of its own or of a
later assignment (`allowed`). Members lie in one folder named like the assignment, uncompressed, with fixed times and in
the order of their names: the same release gives the same bytes everywhere.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.course import Assignment, Course
from autograder.course.variant_codes import with_code
from autograder.release.answers import answers, asked_from
from autograder.release.bundle_readme import readme
from autograder.release.files import stale_files
from autograder.release.master import Master
from autograder.release.requirements import RequirementsError, requirements
from autograder.release.starter import Release, ReleaseError, build_release

LICENCE = Path("LICENSE")
CONSTRAINTS = Path("constraints.txt")
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say


@dataclass(frozen=True)
class Bundle:
    """files: path in the zip, below the assignment's folder -> bytes. data: the zip itself."""

    assignment: Assignment
    release: str
    files: Mapping[str, bytes]
    data: bytes

    @property
    def name(self) -> str:
        return f"{self.assignment.name}.zip"


def build_bundle(course: Course, assignment: Assignment, masters: Sequence[Master]) -> Bundle:
    """Make the bundle of an assignment, in memory.

    masters: of all assignments of the course, in its order. Raises ReleaseError with every mistake: a starter that is
    not as a release would write it (submissions made from it could not be matched), a missing file, an import that
    nothing provides, a definition that answers a blank.
    """
    release = build_release(assignment)
    problems = [
        f"{stale.path.relative_to(assignment.root)}: {stale.reason}; run: autograder release {assignment.name}"
        for stale in stale_files(release)
    ]
    files = beside(release)
    problems += answers(files, asked_from(assignment.name, masters))
    try:
        files["requirements.txt"] = requirements(files, assignment.root / CONSTRAINTS).encode()
    except RequirementsError as error:
        problems += error.messages
    try:
        files["LICENSE.txt"] = (assignment.root / LICENCE).read_bytes()
    except OSError as error:
        problems.append(
            f"{LICENCE}: cannot be read ({error.strerror}); a bundle tells students what they may do with it"
        )
    if problems:
        raise ReleaseError(problems)
    files["README.md"] = readme(course, assignment, files).encode()
    return Bundle(assignment, release.id, files, zipped(assignment.name, files))


def with_code_of(bundle: Bundle, code: str, zip_name: str) -> bytes:
    """Return the bundle's zip for one student: the code of their personal variant stands in the notebook.

    zip_name: what the file is called, which its README says, too.
    Raises ReleaseError where the notebook has no variant cell.
    """
    name = f"{bundle.assignment.name}.ipynb"
    notebook = json.loads(bundle.files[name])
    personal = [cell for cell in notebook["cells"] if "variant" in cell["metadata"].get("tags", ())]
    if not personal:
        raise ReleaseError(
            [f'{bundle.assignment.name}: has no cell with tags=["variant"], so it is the same for everybody']
        )
    for cell in personal:
        cell["source"] = with_code("".join(cell["source"]), code).splitlines(keepends=True)
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    own = bundle.files["README.md"].replace(bundle.name.encode(), zip_name.encode())
    return zipped(bundle.assignment.name, {**bundle.files, name: text.encode(), "README.md": own})


def beside(release: Release) -> dict[str, bytes]:
    """Return the notebook and what lies beside it where it runs: public files and weights. Raises ReleaseError."""
    return dict(release.files) | weights_of(release.assignment)


def weights_of(assignment: Assignment) -> dict[str, bytes]:
    """Return file name -> bytes of the reference weights that course.yaml gives this assignment, and of their
    checksums.

    Raises ReleaseError if a file is missing or is not the one that course.yaml has the SHA-256 of.
    """
    files: dict[str, bytes] = {}
    problems = []
    for model in assignment.weights:
        try:
            found = {file.name: (assignment.root / file).read_bytes() for file in model.files}
        except OSError as error:
            problems.append(f"{error.filename}: weights of {assignment.name}, not readable: {error.strerror}")
            continue
        digest = hashlib.sha256(found[model.file.name]).hexdigest()
        if digest != model.sha256:
            problems.append(f"{model.file}: found SHA-256 {digest}, expected {model.sha256}, which course.yaml has")
        files |= found
    if problems:
        raise ReleaseError(problems)
    return files


def zipped(folder: str, files: Mapping[str, bytes]) -> bytes:
    """Return a zip of these files in one folder; its bytes depend on nothing else."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            member = zipfile.ZipInfo(f"{folder}/{name}", _TIME)
            member.create_system = 3  # Unix, so that the mode counts
            member.external_attr = 0o100644 << 16
            archive.writestr(member, data)
    return stream.getvalue()
