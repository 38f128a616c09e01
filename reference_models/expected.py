"""Draws the small pictures that stand folded below a notebook's figure cells: how the course's own figure looks.

    python -m reference_models.expected 05_robustness --data /data

A Markdown cell of a master that names `expected_<name>.png` asks for a picture of the cell `figure_<name>`. The
command runs the master's training and figure cells at full length, with the solution's code, the shipped weights and
CIFAR-10, and writes each picture that is asked for beside the master. `expected.json` there says of which cells each
was made, so that a test finds pictures whose figure has changed since: a figure is as old as its own cell and all
given, training and figure cells before it. The solutions of blanks do not count; hidden tests hold what they mean.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import click
import jupytext

from autograder.files import write_whole
from autograder.suite.reference import reference_namespace
from reference_models.cifar10 import DataNotFound, find_data
from reference_models.train import HERE, one_message

RECORD = "expected.json"
MOST_BYTES = 32 << 10  # of one picture; in the notebook it takes a third more
COLOURS, RESOLUTIONS = 128, (75, 65, 55, 45, 35)  # dots an inch, until the picture is small enough
COUNTED = {"setup", "given", "train", "figure"}
_ASKED = re.compile(r"\(expected_(\w+)\.png\)")


def cells_of(name: str, root: Path = HERE.parent) -> Iterator[tuple[str, set[str], str]]:
    """Yield the name, the tags and the source of every cell of a master."""
    for cell in jupytext.read(root / "solutions" / name / "solution.py").cells:
        yield (
            str(cell.metadata.get("nbgrader", {}).get("grade_id", "")),
            set(cell.metadata.get("tags", [])),
            cell.source,
        )


def made_of(name: str, root: Path = HERE.parent) -> dict[str, str]:
    """Return of each figure cell the SHA-256 of all that decides its figure."""
    sources, found = hashlib.sha256(), {}
    for cell, tags, source in cells_of(name, root):
        if tags & COUNTED:
            sources.update(f"{cell}\n{source}\n\0".encode())
        if "figure" in tags:
            found[cell] = sources.hexdigest()
    return found


def asked_for(name: str, root: Path = HERE.parent) -> list[str]:
    """Return the figure cells of which a text of the master shows a picture."""
    return [f"figure_{asked}" for _, _, source in cells_of(name, root) for asked in _ASKED.findall(source)]


def problems(name: str, root: Path = HERE.parent) -> list[str]:
    """Return what is wrong with a master's expected pictures: one sentence each, none where all is well."""
    folder, made, asked = root / "solutions" / name, made_of(name, root), asked_for(name, root)
    record: dict[str, str] = json.loads((folder / RECORD).read_text()) if (folder / RECORD).is_file() else {}
    found = [f"{cell} is no figure cell of {name}" for cell in asked if cell not in made]
    for cell in asked:
        path = picture(folder, cell)
        if not path.is_file():
            found.append(f"{path.name} is missing")
        elif path.stat().st_size > MOST_BYTES:
            found.append(f"{path.name} has more than {MOST_BYTES} bytes")
        elif cell in made and record.get(cell) != made[cell]:
            found.append(f"{path.name} is older than its figure")
    known = {picture(folder, cell).name for cell in asked}
    found += [
        f"{path.name} is shown nowhere" for path in sorted(folder.glob("expected_*.png")) if path.name not in known
    ]
    return found


def picture(folder: Path, cell: str) -> Path:
    """Return where the picture of a figure cell lies."""
    return folder / f"expected_{cell.removeprefix('figure_')}.png"


def small_png(figure: Any) -> bytes:
    """Return a figure as PNG of few colours and at most MOST_BYTES. Raises ValueError where it cannot be that small."""
    from PIL import Image

    for dots in RESOLUTIONS:
        drawn, packed = io.BytesIO(), io.BytesIO()
        figure.savefig(drawn, format="png", dpi=dots, metadata={"Software": None})
        image = (
            Image.open(drawn).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        )  # the median cut would give two rare colours of lines or legends one
        image.save(packed, format="png", optimize=True)
        if len(packed.getvalue()) <= MOST_BYTES:
            return packed.getvalue()
    raise ValueError(f"a figure has more than {MOST_BYTES} bytes even at {dots} dots an inch: show a part of it")


def draw(name: str, root: Path = HERE.parent) -> Iterator[Path]:
    """Run a master at full length, write every picture that is asked for, and yield where each lies."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    folder, asked, made = root / "solutions" / name, asked_for(name, root), made_of(name, root)
    cells = list(cells_of(name, root))
    record = {}
    with tempfile.TemporaryDirectory() as place, chdir(place):  # cells may write files
        names = reference_namespace(folder / "solution.py", [HERE])
        names["plt"] = plt
        for cell, tags, source in cells:
            if not tags & {"train", "figure"}:
                continue
            plt.close("all")
            exec(compile(source, cell, "exec"), names)  # noqa: S102 - the course's own master
            if cell in asked:
                write_whole(picture(folder, cell), small_png(plt.gcf()))
                record[cell] = made[cell]
                yield picture(folder, cell)
    write_whole(folder / RECORD, f"{json.dumps(record, indent=1)}\n".encode())


@click.command()
@click.argument("name")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The folder of cifar-10-batches-py.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Of the processor.")
def main(name: str, data: Path | None, threads: int) -> None:
    """Draw the expected pictures of the assignment NAME anew, beside its master."""
    import torch

    torch.set_num_threads(threads)
    with one_message():
        root = find_data(data)
        if root is None:
            raise DataNotFound("CIFAR-10 is not here: pass --data FOLDER, the one that holds cifar-10-batches-py")
        os.environ["CIFAR10_ROOT"] = str(root.resolve())
        os.environ.pop("COURSE_FAST", None)
        sys.path.insert(0, str(HERE))  # cells import the files that lie beside a notebook
        for path in draw(name):
            click.echo(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
