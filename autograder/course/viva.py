"""viva.yaml beside a master: what to ask a student about their own work, face to face, and what to hear.

    - id: one_pixel
      about: crop_predictions                 # a question of course.yaml, or the grade_id of a cell: shown beside it
      when: {answered: "predict_2 = a"}       # whom it is for; without `when` it is for everybody
      values: ["sigma = own.sigma"]           # name = expression, in the names of the solution with the student's code
      ask: Your figure has σ = {sigma}. …     # {name} is one of `values`, or {answer}: what the student answered
      expect: …

Keys of `when`, all of which must hold: `misconception` (recognised in this submission), `lost` or `passed` (a question
whose points were lost or earned), `answered` (`blank = answer` of a quiz), `code_has` and `code_lacks` (names in the
student's code of `about`; several with commas between them, of which one is enough). Staff alone see these questions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.course import Assignment
from autograder.course.yaml_sections import Notes, Section, read_section_list, refuse_duplicates

FILE = "viva.yaml"
FOLDER = "viva"  # of the sheets, below the report on the assignment
ANSWER = "answer"
_KEYS = ("id", "about", "when", "values", "ask", "expect")
_CONDITIONS = ("misconception", "lost", "passed", "answered", "code_has", "code_lacks")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,63})\}")
_ANSWERED = re.compile(r"([A-Za-z_]\w{0,63})\s*=\s*(\S.{0,80})")


@dataclass(frozen=True)
class For:
    """Whom a question is for: all that is set must hold. answered: name of a quiz's blank, and the answer."""

    misconception: str = ""
    lost: str = ""
    passed: str = ""
    answered: tuple[str, str] | None = None
    code_has: tuple[str, ...] = ()
    code_lacks: tuple[str, ...] = ()

    @property
    def anybody(self) -> bool:
        """Return whether it is for everybody."""
        return self == For()


@dataclass(frozen=True)
class VivaQuestion:
    """One question to ask. values: name -> expression in the solution's names; line: of the file, from 1."""

    id: str
    about: str
    ask: str
    expect: str
    whom: For = For()
    values: Mapping[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def places(self) -> frozenset[str]:
        """Return the names in braces."""
        return frozenset(_PLACE.findall(self.ask + self.expect))

    def filled(self, text: str, values: Mapping[str, str]) -> str:
        """Return `ask` or `expect` with the values in the places of their names."""
        return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def viva_path(assignment: Assignment) -> Path:
    return assignment.solution_dir / FILE


def read_viva(assignment: Assignment) -> tuple[VivaQuestion, ...]:
    """Return the questions to ask about an assignment; none where it has no such file. Raises CourseError."""
    path = viva_path(assignment)
    if not path.exists():
        return ()
    sections, notes = read_section_list(path, _KEYS, "question")
    questions = tuple(_question(section) for section in sections)
    refuse_duplicates(notes, [(question.id, question.line) for question in questions], "id")
    notes.raise_if_any()
    return questions


def check_viva(
    assignment: Assignment, cells: Collection[str], blanks: Collection[str], misconceptions: Collection[str]
) -> tuple[VivaQuestion, ...]:
    """Return the questions, all of whose names are known ones.

    cells: grade_ids of the master; blanks: of its quizzes; misconceptions: of the bank. Raises CourseError.
    """
    questions = read_viva(assignment)
    notes = Notes(FILE)
    ids = [question.id for question in assignment.questions]
    for one in questions:
        wanted = [
            (one.about, {*ids, *cells}, "the id of a question or the grade_id of a cell"),
            (one.whom.misconception, misconceptions, "a misconception of the bank"),
            (one.whom.lost, ids, "the id of a question"),
            (one.whom.passed, ids, "the id of a question"),
            (one.whom.answered[0] if one.whom.answered else "", blanks, "the name of a quiz's blank"),
        ]
        for name, known, expected in wanted:
            if name and name not in known:
                notes.add(one.line, f"{name!r} in {one.id}", expected)
        allowed = {*one.values, *((ANSWER,) if one.whom.answered else ())}
        for place in sorted(one.places - allowed):
            notes.add(one.line, f"{{{place}}} in {one.id}", "a name of its `values`, or {answer} beside `answered`")
        for name in sorted(one.values.keys() - one.places):
            notes.add(one.line, f"the value {name!r} of {one.id}, which no text has in braces", "only what is shown")
        if (one.whom.code_has or one.whom.code_lacks) and one.about not in ids:
            notes.add(one.line, f"code_has or code_lacks in {one.id}", "an `about` that is a question")
    notes.raise_if_any()
    return questions


def _question(section: Section) -> VivaQuestion:
    id = section.text("id", expected="a name of its own, such as one_pixel")
    if id and not _NAME.fullmatch(id):
        section.wrong("id", "small letters, digits and '_', at most 64")
    values: dict[str, str] = {}
    for found in section.texts("values"):
        name, mark, expression = (part.strip() for part in found.text.partition("="))
        if not (mark and expression and _NAME.fullmatch(name)) or name in values or name == ANSWER:
            section.notes.add(found.line, repr(found.text), "name = expression, each name once")
        values[name] = expression
    when = section.section("when", _CONDITIONS, f"when of {id or 'a question'}")
    return VivaQuestion(
        id,
        section.text("about", ""),
        section.text("ask", expected="the question, as it is asked").strip(),
        section.text("expect", expected="what a good answer says").strip(),
        _whom(when) if when is not None else For(),
        values,
        section.line,
    )


def _whom(when: Section) -> For:
    answered = None
    if "answered" in when:
        text = when.text("answered")
        found = _ANSWERED.fullmatch(text.strip())
        if found is None:
            when.wrong("answered", "a blank and an answer, such as predict_2 = a")
        else:
            answered = (found[1], found[2].strip().strip("\"'"))
    return For(
        when.text("misconception", ""),
        when.text("lost", ""),
        when.text("passed", ""),
        answered,
        tuple(_names(when.text("code_has", ""))),
        tuple(_names(when.text("code_lacks", ""))),
    )


def _names(text: str) -> Iterator[str]:
    yield from filter(None, (name.strip() for name in text.split(",")))
