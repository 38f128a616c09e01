"""The README of a bundle: what is in it, how to run it in Jupyter and on Colab, what to hand in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.course.course import Assignment, Course

_TEXT = """\
# {title}

{course}{due}{hours}

| file | what it is |
|---|---|
{files}

## In Jupyter

Python 3.11 or newer. In this folder:

    python -m venv environment
    environment/bin/pip install -r requirements.txt        # on Windows: environment\\Scripts\\pip
    environment/bin/jupyter notebook {notebook}

The versions in `requirements.txt` are those with which your work is graded.{gpu}

## On Colab

Colab has what the notebook needs; leave `requirements.txt` alone there. Open `{notebook}` with *File → Upload
notebook*, upload `{zip}` in the file panel on the left, and run this in a new first cell:

    !unzip -oq {zip} -x "*.ipynb" && cp -r {folder}/. .

{runtime}Files vanish when the runtime ends: download the notebook and whatever you hand in before that.

{trying}## Handing in

Hand in, as separate files side by side or in one zip:

{hand_in}

Do not rename them, and do not put your name into them: who you are is known from where you hand in.
Run *Kernel → Restart and run all* first.
"""
_GPU = """ For a GPU, install torch first as
https://pytorch.org/get-started says for your computer."""
_RUNTIME = "A GPU is under *Runtime → Change runtime type*. "
_FAST = """\
With the environment variable `{fast}` set to `1`, cells that train take seconds instead of minutes, without a
network and with other results: good for seeing whether everything runs. In a first cell: `%env {fast}=1`.
"""
_DATA = """\
The notebook downloads {name}{size} where it needs it. If you have it already, set `{variable}` to the
folder that holds {folder}.
"""
_KINDS = {".ipynb": "the notebook you work in", ".py": "code that the notebook imports",
          ".safetensors": "weights of a reference network", ".sha256": "the checksum of weights",
          ".json": "data that the notebook reads", ".csv": "data that the notebook reads",
          ".parquet": "data that the notebook reads"}  # fmt: skip
_NAMED = {"requirements.txt": "versions of what must be installed", "LICENSE.txt": "what you may do with all this"}


def readme(course: Course, assignment: Assignment, files: Mapping[str, bytes]) -> str:
    """Return the text, in Markdown. files: everything else in the bundle."""
    rows = [f"| `{name}` | {_NAMED.get(name) or _KINDS.get(_ending(name), 'needed by the notebook')} |"
            for name in sorted(files)]  # fmt: skip
    hand_in = [assignment.starter_path.name, *assignment.artifacts]
    torch = re.search(r"^torch\b", files.get("requirements.txt", b"").decode(), re.MULTILINE) is not None
    return _TEXT.format(
        title=assignment.title,
        course=f"{course.title}{', ' if course.term else ''}{course.term}.",
        due=f" Due {assignment.due:%Y-%m-%d %H:%M} (UTC{assignment.due:%z})." if assignment.due else "",
        hours=f" About {assignment.hours:g} hours." if assignment.hours else "",
        files="\n".join(rows),
        notebook=assignment.starter_path.name,
        zip=f"{assignment.name}.zip",
        folder=assignment.name,
        gpu=_GPU if torch else "",
        runtime=_RUNTIME if torch else "",
        trying=_trying(assignment, files),
        hand_in="\n".join(f"- `{name}`" for name in hand_in),
    )


def _trying(assignment: Assignment, files: Mapping[str, bytes]) -> str:
    """Return the section on fast runs and data, of what notebook and modules read; empty where they read neither."""
    code = "".join(data.decode("utf-8", "replace") for name, data in files.items() if name.endswith((".py", ".ipynb")))
    around = assignment.surroundings
    said = [_FAST.format(fast=around.fast)] if around.fast and around.fast in code else []
    for data in around.data_sets:
        if data.variables[0] in code:
            size = f" ({data.size_mb:g} MB)" if data.size_mb else ""
            folder = f"`{data.folder}`" if data.folder else "it"
            said.append(_DATA.format(name=data.name, size=size, variable=data.variables[0], folder=folder))
    return "## Trying it out\n\n" + "\n".join(said) + "\n" if said else ""


def _ending(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""
