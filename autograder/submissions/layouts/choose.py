"""Which layout a batch has: one for all of it, since otherwise a student could choose it by naming a file.

The platform's own names all fit its pattern, so the layout that fits most units is the platform's; a student's file
that looks like another platform's download makes that one fit a part of them only. Where several fit the same number,
the one whose part of the names ends first is the platform's: what a student chose stands behind that. Where most names
are a student's in the roster as they are, no platform wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autograder.submissions.layouts.base import Batch, Layout, LeftOver, Reading, Unit
from autograder.submissions.layouts.blackboard import Blackboard
from autograder.submissions.layouts.brightspace import Brightspace, is_overview
from autograder.submissions.layouts.canvas import Canvas
from autograder.submissions.layouts.github import GitHub
from autograder.submissions.layouts.gradescope import Gradescope, is_metadata
from autograder.submissions.layouts.ilias import Ilias
from autograder.submissions.layouts.moodle import Moodle
from autograder.submissions.layouts.nbgrader import Collected, Inbound
from autograder.submissions.layouts.pattern import Pattern
from autograder.submissions.layouts.plain import Plain
from autograder.submissions.listing import shown
from autograder.submissions.opened import archive_kind

PLAIN = Plain()
# Of two that fit equally well and end equally early the earlier one is taken.
LAYOUTS: Sequence[Layout] = (
    Pattern(), Gradescope(), Collected(), Inbound(), Moodle(), Blackboard(), Brightspace(), Canvas(), Ilias(), GitHub(),
    PLAIN,
)  # fmt: skip
NAMES = tuple(layout.name for layout in LAYOUTS)


def choose_layout(batch: Batch, wanted: str = "") -> Layout:
    """Return the layout of the whole batch. wanted: the name of the one that a person says it has, or nothing."""
    if wanted:
        return next(layout for layout in LAYOUTS if layout.name == wanted)
    units = sum(not _is_platforms_own(unit) for unit in batch.units)
    best: tuple[int, int] = (0, 0)
    chosen: Layout = PLAIN
    # Ids of a roster may look like a platform's names: anna_b_muster_12.
    called = sum(batch.roster.match(unit.stem.removesuffix(".ipynb")) is not None for unit in batch.units) * 2 > units
    for layout in LAYOUTS:
        ends = [end for end in layout.ends(batch) if end is not None]
        if layout is PLAIN or len(ends) * 2 <= units:
            continue
        fit = (len(ends), -sum(ends))
        if isinstance(layout, Pattern | Gradescope | Collected):  # said by a person, by a list, or by the folder
            return layout
        if fit > best and not called:
            best, chosen = fit, layout
    return chosen


def read_batch(batch: Batch, wanted: str = "") -> tuple[Layout, Reading]:
    """Return the batch's hand-ins, in its one layout. Units that do not fit are told, none is read in another
    layout.
    """
    layout = choose_layout(batch, wanted)
    reading = layout.read(batch)
    for unit, end in zip(batch.units, layout.ends(batch), strict=True):
        if end is None and not _is_platforms_own(unit) and layout.name != "nbgrader":
            why = f"its name is none of {layout.title}'s, which the others are"
            reading.left_over.append(LeftOver(unit.name, why))
    if layout is PLAIN:
        strangers = {hand_in.source for hand_in in reading.hand_ins if hand_in.owner.match is None}
        for unit in batch.units:
            if unit.folder and unit.name in strangers and (title := class_inside(unit, batch)):
                reading.notes.append(
                    f"{shown(unit.name)} was taken for one student's, and holds what looks like a class ({title}): "
                    "give that folder itself"
                )
    return layout, reading


def class_inside(unit: Unit, batch: Batch) -> str:
    """Return the title of the layout that the folders in a folder have, where it holds a class and was taken for a
    student's; else nothing.
    """
    inside: dict[str, bool] = {}
    for entry in unit.entries:
        if len(entry.parts) > unit.depth:
            name = entry.parts[unit.depth]
            inside[name] = inside.get(name, False) or len(entry.parts) > unit.depth + 1
    units = tuple(
        Unit(name, folder, folder and archive_kind(name) != "", unit.depth + 1) for name, folder in inside.items()
    )
    if len(units) < 2:
        return ""
    layout = choose_layout(replace(batch, units=units, wrappers=(*batch.wrappers, unit.name)))
    known = sum(batch.roster.match(one.stem) is not None for one in units)
    return layout.title if layout is not PLAIN or known * 2 > len(units) else ""


def _is_platforms_own(unit: Unit) -> bool:
    return is_overview(unit) or is_metadata(unit)
