"""The students of one assignment as their teachers see them: everybody of the roster, and whoever else handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from autograder.course.course import Assignment
from autograder.course.deadlines import own_deadline
from autograder.course.roster import Roster
from autograder.pages.text import aware, clean_line, number, plural
from autograder.records import Outcome, Result
from autograder.reports.class_view import share_of, standing
from autograder.reports.options import IndexOptions, page_link
from autograder.submissions.arrivals import Absent

_COMMON = 0.5  # a remark that more of the submissions have is said once, above the table
_MANY = 8  # submissions, fewer have no remarks in common


@dataclass(frozen=True)
class PersonRow:
    """One student's row. order: values that the script sorts numbers by."""

    student: str
    group: str
    section: str
    link: str
    score: str
    share: float | None
    status: str
    word: str
    late: str
    flags: tuple[str, ...]
    todo: tuple[str, ...]


@dataclass(frozen=True)
class PeopleView:
    """Everybody, with what one may filter by."""

    rows: tuple[PersonRow, ...]
    sections: tuple[str, ...]
    words: tuple[str, ...]
    common: tuple[str, ...]  # remarks that most submissions share: "All 400: …"
    flagged: int
    nothing: int


def people_view(assignment: Assignment, roster: Roster, results: Sequence[Result], options: IndexOptions) -> PeopleView:
    """Return the rows of everybody; results: of this assignment."""
    common = _common(results)
    of_student: dict[str, Result] = {}
    for result in results:
        for student in result.students or (result.subject,):
            of_student.setdefault(student, result)
    sections = {student.id: student.section for student in roster.students}
    groups = {student.id: student.group for student in roster.students}
    without = {one.student: one for one in options.absent if one.assignment == assignment.name and one.student}
    everybody = list(dict.fromkeys([*sections, *sorted(of_student), *without]))
    rows = tuple(
        _row(student, groups.get(student, ""), sections.get(student, ""), of_student.get(student), common, options,
             own_deadline([student], assignment, roster, options.adjustments), without.get(student))
        for student in everybody
    )  # fmt: skip
    return PeopleView(
        rows=rows,
        sections=tuple(sorted({row.section for row in rows} - {""})),
        words=tuple(sorted({row.word for row in rows})),
        common=tuple(
            f"{'All' if count == len(results) else count} of {plural(len(results), 'submission')}: {clean_line(flag)}"
            for flag, count in common.items()
        ),
        flagged=sum(bool(row.flags) for row in rows),
        nothing=sum(row.status == "none" for row in rows),
    )


def _common(results: Sequence[Result]) -> Mapping[str, int]:
    counts = Counter(flag for result in results for flag in dict.fromkeys(result.flags))
    if len(results) < _MANY:
        return {}
    return {flag: count for flag, count in counts.items() if count > _COMMON * len(results)}


def _row(
    student: str,
    group: str,
    section: str,
    result: Result | None,
    common: Mapping[str, int],
    options: IndexOptions,
    due: datetime | None,
    absent: Absent | None,
) -> PersonRow:
    name, section, group = clean_line(student, 80), clean_line(section, 80), clean_line(group, 80)
    if result is None and absent is not None and absent.standing != "nothing_handed_in":
        word = {"set_aside": "Set aside", "waits": "Not graded yet"}[absent.standing]
        return PersonRow(name, group, section, "", "–", None, "none", word, "", (clean_line(absent.why),), ())
    if result is None:
        over = due is not None and options.made_at is not None and aware(options.made_at) > aware(due)
        word = "Nothing handed in" if over else "Nothing handed in yet"
        return PersonRow(name, group, section, "", "–", None, "none", word, "", (), ())
    status, word = standing(result)
    return PersonRow(
        student=name,
        group=group or (clean_line(result.subject, 80) if result.subject != student else ""),
        section=section,
        link=page_link(result, options),
        score="–" if result.score is None else f"{number(result.score)} of {number(result.max_score)}",
        share=None if result.score is None or result.max_score <= 0 else share_of(result),
        status="none" if result.outcome is Outcome.UNGRADABLE and not result.questions else status,
        word=word,
        late=f"−{number(result.late_penalty)}" if result.late_penalty > 0 else "",
        flags=tuple(filter(None, (clean_line(f) for f in result.flags[:12] if f not in common))),
        todo=tuple(clean_line(q.title) or q.id for q in result.questions if q.status == "needs_manual_grade"),
    )
