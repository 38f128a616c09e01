"""nbgrader's `### AUTOTEST` lines: nbgrader itself makes tests out of them, from what the solution computes.

They are instructions for `nbgrader generate_assignment`, which runs the source notebook in a kernel and writes an
assertion for each snippet, after the templates in `autotests.yml`. An import does the same, with nbgrader's own step,
in a kernel of its own: the notebook is the instructor's, and nothing of a student's runs here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.exchange.legacy.model import ImportFailed

DELIMITER = "AUTOTEST"
TEMPLATES = "autotests.yml"


def has_autotests(sources: list[str]) -> bool:
    """Return whether some code cell has a line that asks for tests."""
    return any(DELIMITER in line and line.lstrip().startswith("#") for text in sources for line in text.split("\n"))


def with_autotests(path: Path) -> list[str]:
    """Return the sources of all cells of a source notebook, with tests in place of the lines that ask for them.

    The nearest `autotests.yml` at or above the notebook holds. Raises ImportFailed where there is none, and where the
    notebook or a snippet cannot be run.
    """
    folder = path.resolve().parent
    templates = next((up / TEMPLATES for up in (folder, *folder.parents) if (up / TEMPLATES).is_file()), None)
    if templates is None:
        raise ImportFailed(f"{path}: found AUTOTEST lines and no {TEMPLATES} beside or above the notebook; nbgrader "
                           f"makes tests with it")  # fmt: skip
    import nbformat
    from nbgrader.preprocessors import InstantiateTests

    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    try:
        step: Any = InstantiateTests(autotest_filename=str(templates))
        made, _ = step.preprocess(notebook, {"metadata": {"path": str(folder)}})
    except Exception as error:  # whatever the notebook's own code, or a template, raises
        raise ImportFailed(
            f"{path}: nbgrader cannot make tests of the AUTOTEST lines ({type(error).__name__}: {error})"
        ) from error
    return [str(cell.source) for cell in made.cells]
