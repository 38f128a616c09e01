"""Builds the sample submissions that `autograder demo` grades: `python tests/samples/build.py`.

`students/<student>__<assignment>.py` holds what a student wrote, in percent format:

    # timestamp: 2026-10-11 21:40:00 +0200      header: when it was received; file: the notebook's name
    # dress: colab                               how the file differs from what was released, see DRESSES
    # %% blank separable_conv                    the source of this cell, instead of the starter's
    # %% after setup                             a cell added after the one with this grade_id
    # %% delete check_quiz                       a cell taken out
    # %% [markdown] why_slower                   a written answer

Everything else is the released starter, so a change of a starter is followed by building again; the
notebooks are committed, because that is what a submission is.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Book = dict


def main() -> None:
    target = ROOT / "samples"
    for script in sorted((HERE / "students").glob("*.py")):
        student, assignment = script.stem.split("__")
        header, changes = read_script(script)
        book = json.loads((ROOT / "assignments" / assignment / f"{assignment}.ipynb").read_text())
        for change in changes:
            apply(book, *change, script)
        folder = target / student / assignment
        folder.mkdir(parents=True, exist_ok=True)
        data = DRESSES[header.get("dress", "plain")](book)
        for old in folder.iterdir():
            old.unlink()
        (folder / header.get("file", f"{assignment}.ipynb")).write_bytes(data)
        if "timestamp" in header:
            (folder / "timestamp.txt").write_text(header["timestamp"] + "\n")
    print(f"wrote {len(list(target.glob('*/*/*.ipynb')))} notebooks under {target.relative_to(ROOT)}")


def read_script(path: Path) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """The header, and for each cell: what to do, the grade_id it is about, the source."""
    top, *cells = re.split(r"^# %% ", path.read_text(), flags=re.MULTILINE)
    header = dict(re.findall(r"^# (\w+): (.*)$", top, flags=re.MULTILINE))
    changes = []
    for cell in cells:
        title, _, source = cell.partition("\n")
        action, grade_id = title.split()
        if action == "[markdown]":
            source = re.sub(r"^# ?", "", source, flags=re.MULTILINE)
        changes.append((action, grade_id, source.strip()))
    return header, changes


def apply(book: Book, action: str, grade_id: str, source: str, script: Path) -> None:
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in book["cells"]]
    if grade_id not in ids:
        sys.exit(f"{script.name}: no cell {grade_id!r} in the starter; it has {[i for i in ids if i]}")
    at = ids.index(grade_id)
    if action in ("blank", "[markdown]"):
        book["cells"][at]["source"] = source.splitlines(keepends=True)
    elif action == "delete":
        del book["cells"][at]
    elif action == "after":
        extra = {"cell_type": "code", "execution_count": None, "id": f"extra-{at}", "metadata": {}, "outputs": []}
        book["cells"].insert(at + 1, extra | {"source": source.splitlines(keepends=True)})
    else:
        sys.exit(f"{script.name}: unknown action {action!r}")


def plain(book: Book) -> bytes:
    return (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode()


def colab(book: Book) -> bytes:
    """Saved by Colab: its metadata, no cell ids, nbgrader's metadata kept on some cells only."""
    book["nbformat_minor"] = 0
    book["metadata"] |= {"colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU"}
    for number, cell in enumerate(book["cells"]):
        identity = cell.pop("id", "")
        cell["metadata"]["id"] = identity
        if number % 3 == 0:
            cell["metadata"].pop("tags", None)
    return (json.dumps(book, indent=2, ensure_ascii=True)).encode()


def windows(book: Book) -> bytes:
    """A byte order mark and Windows line ends, in the file and in the sources."""
    for cell in book["cells"]:
        cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"]]
    return b"\xef\xbb\xbf" + plain(book).replace(b"\n", b"\r\n")


def version3(book: Book) -> bytes:
    """Saved by a very old Jupyter: nbformat 3 with its worksheet."""
    old = nbformat.v4.downgrade(nbformat.reads(plain(book).decode(), as_version=4))
    return nbformat.v3.writes_json(old).encode()


def shuffled(book: Book) -> bytes:
    """Cells moved about: a block of cells from the middle now stands at the end, some twice."""
    cells = book["cells"]
    third = len(cells) // 3
    book["cells"] = cells[:third] + cells[2 * third :] + cells[third : 2 * third] + cells[third : third + 2]
    return plain(book)


def bare(book: Book) -> bytes:
    """Passed through an editor that drops all cell metadata, ids and tags."""
    for cell in book["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    book["metadata"] = {}
    book["nbformat_minor"] = 2
    return plain(book)


DRESSES = {"plain": plain, "colab": colab, "windows": windows, "version3": version3, "shuffled": shuffled, "bare": bare}

if __name__ == "__main__":
    main()
