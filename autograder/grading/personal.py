"""Which personal variant a submission is graded with, and what is said where its notebook holds another code."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.course.releases import ReleaseDescriptor
from autograder.course.variant_codes import code_in
from autograder.notebooks.variant_cell import VariantCell, variant_cell_of
from autograder.records import SubmissionInfo, VariantUse


def variant_used(cell: VariantCell, submission: SubmissionInfo) -> VariantUse:
    """Return the code to grade with: the table's for whoever the channel says handed in.

    Where there is no table, or nobody of the roster handed in, the notebook's own code decides.
    """
    typed = cell.typed
    if submission.variant:
        return VariantUse(code=submission.variant, in_notebook=typed, agrees=typed == submission.variant)
    return VariantUse(code=typed or cell.handed_out, in_notebook=typed, agrees=submission.variant is None)


def used_without_cell(
    release: ReleaseDescriptor | None, releases: Sequence[ReleaseDescriptor], submission: SubmissionInfo
) -> VariantUse | None:
    """Return the code to grade the notebook of a release with that has no variant cell; None where it needs none.

    Which release a notebook was made from is what its student says. Where the newest one asks everybody something of
    their own, an earlier one, which asked all the same, is no way around it.
    """
    newest = variant_cell_of(releases[-1].cells) if releases else None
    if release is None or newest is None or submission.variant is None:
        return None
    return VariantUse(code=submission.variant or code_in(newest.source), in_notebook="", agrees=False)


def flags(use: VariantUse, submission: SubmissionInfo, *, cell: bool = True) -> list[str]:
    """Return what a person of the staff should know. cell: whether the notebook's release has a variant cell."""
    if use.agrees:
        return []
    if not cell:
        return [
            "personal variant: the notebook is of an earlier release, which asked everybody the same; graded with "
            f"{use.code}, and what it did not earn so waits for a person"
        ]
    holds = f"the notebook holds {use.in_notebook or 'no code'}"
    if not submission.variant:
        return [f"personal variant: {submission.subject} has no code yet ({holds}); run `autograder variants`"]
    return [f"personal variant: graded with {use.code}, and {holds}; what it did not earn so waits for a person"]


def notices(use: VariantUse, submission: SubmissionInfo, handed_out: str | None) -> list[str]:
    """Return what the student should know. handed_out: the code in the variant cell of the notebook's release; None
    where it has no such cell."""
    if use.agrees:
        return []
    waits = "Questions that depend on the code and are not right for yours wait for a person."
    if handed_out is None:
        return [
            "This notebook is of an earlier release, which asked everybody the same. The newest one asks by a code of "
            f"your own, with which it was graded. {waits}"
        ]
    if not submission.variant:
        return [f"You have no code of your own yet. {waits.replace('yours', 'the one in your notebook')}"]
    if use.in_notebook == handed_out:
        found = "the code that it was handed out with"
    else:
        found = f"the code {use.in_notebook}" if use.in_notebook else "no code that could be read"
    return [f"This notebook holds {found}; yours is {use.code}, with which it was graded. {waits}"]
