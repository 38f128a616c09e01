"""Does anything secret reach students? Looked at just before a release is written, line by line.

Secret are the lines between SOLUTION, HIDDEN TESTS and MARK SCHEME markers of the master. Three rules:

1. An answer key (`quiz_3 = "b"`) or a line of a mark scheme must occur nowhere in what students get.
2. A telling line of a solution must not occur in text or checks.
3. In code that is handed out (cells tagged given, setup, train or figure, STARTER regions, public files) single lines
   of a solution may occur, since code that is wrong on purpose, or an earlier network, shares lines with the right
   answer; but not more than half of the telling lines of one blank.

Telling is a line of at least sixteen characters that is no import, comment, signature or other line that everybody
would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from autograder.course.course import question_of
from autograder.release.markers import regions
from autograder.release.master import Master

_HANDED_OUT = {"given", "setup", "train", "figure"}
SHOWN_ANYWAY = "shown_anyway.txt"  # lines that students may see although a solution holds them, one a line
_LEAST = 16  # characters without spaces
_ROUTINE = re.compile(
    r"(import |from \S+ import |def |class |@|#|super\(\)\.__init__\(\)|return self\b$|"
    r"for .* in [\w.]+:$|with torch\.no_grad\(\):$|raise NotImplementedError)"
)
_KEY = re.compile(r"\w+ = [\"']\w+[\"']")


@dataclass(frozen=True)
class Secret:
    """Hold what one cell of the master hides. lines: its telling lines, normalised; strict: none may occur anywhere."""

    kind: str  # solution | hidden tests | mark scheme | answer key
    cell: str
    lines: tuple[str, ...]
    strict: bool


def normalise(line: str) -> str:
    """Return one line without indentation, repeated spaces and trailing comment."""
    return re.sub(r"\s+", " ", re.sub(r"\s{2,}#.*$", "", line)).strip()


def telling(line: str) -> bool:
    """Return whether finding this (normalised) line of a solution elsewhere gives the solution away."""
    return len(line.replace(" ", "")) >= _LEAST and _ROUTINE.match(line) is None


def secrets(master: Master) -> tuple[Secret, ...]:
    """Return everything in the master that students must not see."""
    found: list[Secret] = []
    for index, cell in enumerate(master.notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell {index}")
        question = question_of(grade_id, master.assignment)
        quiz = question is not None and question.kind == "quiz"
        hidden: dict[str, list[str]] = {}
        for region, line in regions(cell.source):
            hidden.setdefault(region, []).append(normalise(line))
        for region, lines in hidden.items():
            if region == "SOLUTION" and quiz:
                found.append(Secret("answer key", grade_id, tuple(filter(_KEY.fullmatch, lines)), strict=True))
            elif region == "SOLUTION":
                found.append(Secret("solution", grade_id, tuple(filter(telling, lines)), strict=False))
            elif region in ("MARK SCHEME", "HIDDEN TESTS"):
                found.append(Secret(region.lower(), grade_id, tuple(filter(telling, lines)), strict=True))
    return tuple(secret for secret in found if secret.lines)


def find_leaks(master: Master, notebook: NotebookNode, files: Mapping[str, bytes]) -> list[str]:
    """Return one message for every secret that the starter (cell by cell the master's) or a public file would give
    away.

    Lines of `shown_anyway.txt` beside the master are no secrets: an instructor or an import put them there.
    """
    path = master.assignment.solution_path.relative_to(master.assignment.root)
    return [
        f"{path}: the {secret.kind} of {secret.cell!r} would be seen in {where}: {seen[0]!r}; "
        "move it between the markers or say it in other words there"
        for secret, where, seen in _seen(master, notebook, files)
    ]


def seen_lines(master: Master, notebook: NotebookNode, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the secret lines that `find_leaks` tells of, each once."""
    return tuple(dict.fromkeys(line for _, _, seen in _seen(master, notebook, files) for line in seen))


def _shown_anyway(master: Master) -> frozenset[str]:
    path = master.assignment.solution_dir / SHOWN_ANYWAY
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return frozenset(_normal_lines(text))


def _seen(
    master: Master, notebook: NotebookNode, files: Mapping[str, bytes]
) -> Iterator[tuple[Secret, str, list[str]]]:
    """Yield (what is hidden, where it would be seen, its lines there)."""
    anyway = _shown_anyway(master)
    texts: list[tuple[str, bool, Sequence[str]]] = []  # (where, whether handed-out code, normalised lines)
    for cell, original in zip(notebook.cells, master.notebook.cells, strict=True):
        wrong_on_purpose = any(region == "STARTER" for region, _ in regions(original.source))
        tagged = cell.cell_type == "code" and bool(_HANDED_OUT & set(cell.metadata.get("tags", ())))
        handed_out = tagged or wrong_on_purpose
        texts.append((f"cell {cell['id']!r} of the starter", handed_out, _normal_lines(cell.source)))
        if cell.get("outputs"):
            texts.append((f"an output of cell {cell['id']!r}", False, _normal_lines(str(cell["outputs"]))))
    texts += [
        (f"public file {name}", True, _normal_lines(data.decode("utf-8", "replace"))) for name, data in files.items()
    ]
    for secret in secrets(master):
        hidden = [line for line in secret.lines if line not in anyway]
        for where, handed_out, lines in texts:
            seen = [line for line in hidden if any(_occurs(line, other) for other in lines)]
            most = len(set(seen)) * 2 > len(set(hidden))
            if seen and (secret.strict or not handed_out or most):
                yield secret, where, seen


def shared_lines(lines: Sequence[str], source: str) -> list[str]:
    """Return those of some (normalised) lines that occur in a source, each once."""
    others = _normal_lines(source)
    return [line for line in dict.fromkeys(lines) if any(_occurs(line, other) for other in others)]


def _occurs(line: str, other: str) -> bool:
    """Return whether `other` holds `line`, not as part of a longer expression of letters or digits."""
    return re.search(rf"(?<!\w){re.escape(line)}(?!\w)", other) is not None if line in other else False


def _normal_lines(text: str) -> list[str]:
    return [normal for line in text.split("\n") if (normal := normalise(line))]
