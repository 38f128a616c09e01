"""Bank files: known-right and known-wrong answers, inserted into the solved notebook to be graded by validation.

A bank file is `bank/right_<name>.py` or `bank/wrong_<name>.py`: a header of `# key: value` lines, then the code of one
cell, which redefines the blank of the question (or questions) that the header names:

    # question: kl_distillation
    # misconception: missing_t_squared
    # sentence: The T² that keeps the gradient's size is missing.
    # hint: How does the gradient of the softened loss scale with T?
    def kl_distillation(student_logits, teacher_logits, T): ...

A value goes on over lines that start with `#` and at least three spaces. Right variants have `question` and `note`.
`unrecognisable` may say of a wrong one why its answers cannot be told again, e.g. because it does not end in time;
`escapes`, why some draws of hidden inputs may not show the mistake.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.course.course import Assignment

_KEYS = {"right": ("question", "note"), "wrong": ("question", "misconception", "sentence", "hint")}
_OPTIONAL = {"right": (), "wrong": ("unrecognisable", "escapes")}
_HEADER = re.compile(r"# ?([A-Za-z_]+):(?:\s+(.*))?")
_MORE = re.compile(r"#\s{3,}(\S.*)")
_FILE = re.compile(r"(right|wrong)_([A-Za-z0-9_]+)\.py")
_ID = re.compile(r"[a-z][a-z0-9_]*")


class VariantError(Exception):
    """A bank file is not as it should be; the message names file, line, what was found and what was expected."""


@dataclass(frozen=True)
class Variant:
    """One bank file. `name` is the file's name without `right_`, `wrong_` and `.py`; note is empty for wrong variants,
    misconception, sentence and hint for right ones. unrecognisable: why its answers cannot be told again, or empty.
    escapes: why it may pass by luck, or empty."""

    kind: Literal["right", "wrong"]
    name: str
    questions: tuple[str, ...]
    misconception: str
    sentence: str
    hint: str
    unrecognisable: str
    escapes: str
    note: str
    code: str
    path: Path


def read_variant(path: Path) -> Variant:
    """Read one bank file. Raises VariantError."""
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise VariantError(f"{path}: found the name {path.name!r}, expected right_<name>.py or wrong_<name>.py")
    kind: Literal["right", "wrong"] = "right" if match[1] == "right" else "wrong"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise VariantError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    header, length = _header(path, lines, kind)
    # Blank lines stand for the header, so that a syntax error's line number is the file's.
    try:
        body = ast.parse("\n" * length + "\n".join(lines[length:]), filename=path.name).body
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or length + 1
        raise VariantError(f"{path}:{line}: found code that is no Python ({error.args[0]}), expected a cell") from error
    if not body:
        raise VariantError(f"{path}:{length + 1}: found no code after the header, expected the code of the variant")
    return Variant(
        kind=kind,
        name=match[2],
        questions=_questions(path, *header["question"]),
        misconception=header.get("misconception", ("", 0))[0],
        sentence=header.get("sentence", ("", 0))[0],
        hint=header.get("hint", ("", 0))[0],
        unrecognisable=header.get("unrecognisable", ("", 0))[0],
        escapes=header.get("escapes", ("", 0))[0],
        note=header.get("note", ("", 0))[0],
        code="\n".join(lines[length:]).strip("\n"),
        path=path,
    )


def _header(path: Path, lines: list[str], kind: str) -> tuple[dict[str, tuple[str, int]], int]:
    """Return (key -> (value, line), number of lines of the header)."""
    found: dict[str, tuple[str, int]] = {}
    key, number = "", 0
    for number, line in enumerate(lines, start=1):
        if (match := _HEADER.fullmatch(line.rstrip())) is not None:
            key = match[1]
            if key not in (*_KEYS[kind], *_OPTIONAL[kind]):
                near = difflib.get_close_matches(key, (*_KEYS[kind], *_OPTIONAL[kind]), n=1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                expected = ", ".join(_KEYS[kind])
                raise VariantError(f"{path}:{number}: found the unknown key {key!r}{hint}, expected {expected}")
            if key in found:
                raise VariantError(f"{path}:{number}: found {key!r} a second time, expected it once")
            found[key] = ((match[2] or "").strip(), number)
        elif key and (more := _MORE.fullmatch(line.rstrip())) is not None:
            found[key] = (f"{found[key][0]} {more[1]}".strip(), found[key][1])
        else:
            number -= 1
            break
    for wanted in _KEYS[kind]:
        if not found.get(wanted, ("", 0))[0]:
            place = found[wanted][1] if wanted in found else 1
            raise VariantError(f"{path}:{place}: found no value for {wanted!r}, expected a line '# {wanted}: …'")
    if (id := found.get("misconception")) and not _ID.fullmatch(id[0]):
        raise VariantError(f"{path}:{id[1]}: found misconception {id[0]!r}, expected an id such as missing_t_squared")
    return found, number


def _questions(path: Path, value: str, line: int) -> tuple[str, ...]:
    questions = tuple(part.strip() for part in value.split(","))
    for question in questions:
        if not _ID.fullmatch(question):
            raise VariantError(f"{path}:{line}: found question {question!r}, expected ids separated by commas")
    if len(set(questions)) < len(questions):
        raise VariantError(f"{path}:{line}: found a question twice in {value!r}, expected each once")
    return questions


def read_bank(assignment: Assignment) -> tuple[Variant, ...]:
    """Return all variants of an assignment, sorted by file name. Raises VariantError, also if a question is
    unknown.
    """
    variants = tuple(read_variant(path) for path in sorted(assignment.bank_dir.glob("*.py")))
    known = [question.id for question in assignment.questions]
    for variant in variants:
        for question in variant.questions:
            if question not in known:
                expected = f"one of {assignment.name}: {', '.join(known)}"
                raise VariantError(f"{variant.path}: found question {question!r}, expected {expected}")
    return variants


def insert_variant(notebook: bytes, variant: Variant | Path) -> bytes:
    """Return a notebook with the variant's code as a cell right after the blank (the last one, where it names several).

    notebook: JSON of an nbformat 4 notebook, usually the solution's. Raises VariantError if it has no such blank.
    """
    if isinstance(variant, Path):
        variant = read_variant(variant)
    document: dict[str, Any] = json.loads(notebook)
    cells: list[dict[str, Any]] = document["cells"]
    last = -1
    for question in variant.questions:
        # A quiz has one blank an item: quiz_1, quiz_2, …
        pattern = re.compile(re.escape(question) + r"(_\d+)?")
        places = [index for index, cell in enumerate(cells) if _is_blank(cell, pattern)]
        if not places:
            raise VariantError(f"{variant.path}: the notebook has no blank with the grade_id {question!r}")
        last = max(last, *places)
    cells.insert(
        last + 1,
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"variant-{variant.name}"[:64],
            "metadata": {},
            "outputs": [],
            "source": variant.code,
        },
    )
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _is_blank(cell: dict[str, Any], grade_id: re.Pattern[str]) -> bool:
    nbgrader = cell.get("metadata", {}).get("nbgrader", {})
    return bool(nbgrader.get("solution")) and grade_id.fullmatch(str(nbgrader.get("grade_id", ""))) is not None
