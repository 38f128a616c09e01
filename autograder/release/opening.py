"""Two cells that let a starter be opened on Colab or Kaggle by one click, with the files that lie beside it.

They are made where course.yaml says in which public repository the course's `assignments/` lie (`repository_url`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course.course import Assignment
from autograder.course.reference_models import FOLDER
from autograder.course.surroundings import Repository

TEXT, FILES = OPENING = ("open_elsewhere", "files_elsewhere")
_BADGE = "[![Open in {name}]({picture})]({link})"
_COLAB = "https://colab.research.google.com/assets/colab-badge.svg"
_KAGGLE = "https://kaggle.com/static/images/open-in-kaggle.svg"
_FETCH = """\
# On Colab and Kaggle this fetches what lies beside the notebook; elsewhere it does nothing.
import os
from pathlib import Path
from urllib.request import urlretrieve

if "COLAB_RELEASE_TAG" in os.environ or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
    for path, url in {files}.items():
        if not Path(path).exists():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            urlretrieve(url, path)"""


def opening_cells(assignment: Assignment) -> list[NotebookNode]:
    """Return the badges, and the cell that fetches the files; none where the course names no repository."""
    repository = assignment.surroundings.repository
    if repository is None:
        return []
    text: NotebookNode = new_markdown_cell(badges(repository, assignment), metadata=_provided(TEXT))  # type: ignore[no-untyped-call]
    files: NotebookNode = new_code_cell(  # type: ignore[no-untyped-call]
        _FETCH.format(files=_listed(repository, assignment)), metadata={**_provided(FILES), "tags": ["setup"]}
    )
    return [text, files]


def badges(repository: Repository, assignment: Assignment) -> str:
    """Return the badges as Markdown."""
    path = f"assignments/{assignment.name}/{assignment.name}.ipynb"
    colab = f"https://colab.research.google.com/github/{repository.blob(path)}"
    kaggle = f"https://kaggle.com/kernels/welcome?src=https://github.com/{repository.blob(path)}"
    return "\n".join(
        _BADGE.format(name=name, picture=picture, link=link)
        for name, picture, link in (("Colab", _COLAB, colab), ("Kaggle", _KAGGLE, kaggle))
    )


def _listed(repository: Repository, assignment: Assignment) -> str:
    """Return the files as the text of a dict: path beside the notebook -> where it lies."""
    files = {path: f"assignments/{assignment.name}/{quote(path)}" for path in sorted(assignment.beside)}
    names = [f"{model.name}.safetensors" for model in assignment.weights]
    files |= {name: (FOLDER / name).as_posix() for name in names}
    lines = [f"        {path!r}: {repository.raw(place)!r}," for path, place in files.items()]
    return "\n".join(["{", *lines, "    }"])


def _provided(grade_id: str) -> dict[str, Any]:
    meta = {"grade": False, "grade_id": grade_id, "locked": True, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": meta}
