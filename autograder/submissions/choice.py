"""Within one hand-in: which notebook is graded for which assignment.

The released name counts first, then the release id, never a file's time: a newer `-Copy1` is not what was asked for.
Few files are opened: where the released name is there, that one; else the few whose names come first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.notebooks.untrusted_json import UntrustedJsonError, parse
from autograder.submissions.layouts.base import HandedFile, HandIn
from autograder.submissions.listing import FileRefused, is_left_by_program, shown
from autograder.submissions.naming import named_assignment
from autograder.submissions.wanted import DISGUISED, Wanted, has_released_name, rank_in_hand_in

MAX_NOTEBOOK = 32 << 20  # bytes
MOST_OPENED = 10  # notebooks of one hand-in that are opened to see what they are
_MOST_READ = 96 << 20  # bytes of them
_OTHERWISE = (".safetensors", ".png", ".jpg", ".jpeg", ".pdf", ".py", ".csv")  # what else is handed in beside one


@dataclass(frozen=True)
class Choice:
    """Hold what a hand-in holds for one assignment.

    notebook: None if nothing can be graded, and `problem` says why. set_aside: it is another assignment's. nothing: it
    holds no notebook at all.
    """

    assignment: str
    notebook: HandedFile | None = None
    sha256: str = ""  # of the notebook, whose bytes are not kept: those of a whole class fill the memory
    problem: str = ""
    set_aside: bool = False
    nothing: bool = False
    notices: tuple[str, ...] = ()
    source: str = ""


class Chooser:
    """Chooses within one hand-in; remembers what it opened."""

    def __init__(self, hand_in: HandIn, wanted: Sequence[Wanted], only: str | None) -> None:
        self._hand_in = hand_in
        self._files = [file for file in hand_in.files if not is_left_by_program(file.name)]
        self._wanted = wanted
        self._names = [one.name for one in wanted]
        self._only = only
        self._opened: dict[HandedFile, bytes | FileRefused] = {}
        self._too_many: set[HandedFile] = set()
        self._bytes = 0

    def choices(self) -> list[Choice]:
        """Return one choice for each assignment that the hand-in is of; one with a problem where it holds no
        notebook.
        """
        place = self._hand_in.assignment
        if self._only is not None and place not in ("", self._only):
            return []
        notebooks = [file for file in self._files if file.name.lower().endswith(".ipynb")]
        notebooks = [file for file in notebooks if not file.doubtful] or notebooks
        disguised = not notebooks
        if disguised:
            notebooks = self._disguised()
        fixed = self._only or place or (self._names[0] if len(self._names) == 1 else "")
        if not notebooks:
            named = {named_assignment(one.entry.name, self._names) for one in self._files}
            named |= {named_assignment(one.parts[-1], self._names) for one in self._hand_in.refused if one.parts}
            named -= {""}
            assignment = fixed or (named.pop() if len(named) == 1 else "")
            assignment = assignment or named_assignment(self._hand_in.source, self._names)
            return [Choice(assignment, problem=self._nothing(), nothing=True, source=shown(self._hand_in.where))]
        # Beside a notebook of another assignment the one that was asked for may lie under another ending.
        named = {self._by_name(notebook) for notebook in notebooks}
        missing = {fixed} - named if fixed else set(self._names) - named
        hidden = [] if disguised or not missing or (fixed and "" in named) else self._disguised(missing)
        if fixed and hidden:
            notebooks, disguised = hidden, True
        if fixed:
            mine = [n for n in notebooks if self._by_name(n) in ("", fixed)] or notebooks
            groups = {fixed: mine if self._only is not None else notebooks}
        else:
            groups = self._grouped(notebooks)
        found = [self._choose(assignment, group, disguised) for assignment, group in groups.items()]
        if not fixed:
            also = {name: [f for f in hidden if self._by_name(f) == name] for name in map(self._by_name, hidden)}
            found += [self._choose(name, group, True) for name, group in also.items() if name not in groups]
        return found

    def _grouped(self, notebooks: Sequence[HandedFile]) -> dict[str, list[HandedFile]]:
        """Return the notebooks by their assignment: as their place says, else as they say; "" where nothing says."""
        groups: dict[str, list[HandedFile]] = {}
        unknown: list[HandedFile] = []
        for file in notebooks:
            if assignment := self._by_name(file):
                groups.setdefault(assignment, []).append(file)
            else:
                unknown.append(file)
        for file in sorted(unknown, key=lambda file: (len(file.path), file.path)):
            inside = self._says(file)
            if inside or not groups:
                groups.setdefault(inside, []).append(file)
        if len(groups) > 1:
            groups.pop("", None)
        return groups

    def _by_name(self, file: HandedFile) -> str:
        for part in (file.name, *reversed(file.path[:-1])):
            if found := named_assignment(part, self._names):
                return found
        return named_assignment(self._hand_in.source, self._names) if self._hand_in.flat else ""

    def _choose(self, assignment: str, notebooks: Sequence[HandedFile], disguised: bool) -> Choice:
        if not assignment:
            first = min(notebooks, key=lambda file: file.path)
            problem = (
                f"{first.entry.source}: cannot tell which assignment this is, expected one of "
                f"{', '.join(self._names)} in its name or folder; name it with --assignment"
            )
            return Choice("", problem=problem, source=first.entry.source)
        wanted = next(one for one in self._wanted if one.name == assignment)
        ordered = sorted(notebooks, key=lambda file: rank_in_hand_in(file, wanted))
        chosen = ordered[0]
        if not has_released_name(chosen, wanted):  # then the release id
            ids = wanted.releases()
            ours = [file for file in ordered[:MOST_OPENED] if len(ordered) > 1 and self._release(file) in ids]
            chosen = ours[0] if ours else chosen
        self._open(chosen, anyway=True)
        if other := self._foreign(chosen, assignment):
            rest = [file for file in ordered[:MOST_OPENED] if file is not chosen and self._says(file) == assignment]
            if not rest:
                problem = (
                    f"{chosen.entry.source}: this is the notebook of {other}, not of {assignment}: it is set aside and "
                    f"costs no attempt; hand in {wanted.notebook}"
                )
                return Choice(assignment, problem=problem, set_aside=True, source=chosen.entry.source)
            chosen = rest[0]
        data = self._open(chosen)
        if isinstance(data, FileRefused):
            problem = f"{chosen.entry.source}: {data}"
            return Choice(assignment, problem=problem, source=chosen.entry.source)
        return Choice(
            assignment, chosen, hashlib.sha256(data).hexdigest(), notices=self._notices(chosen, ordered, disguised)
        )

    def _notices(self, chosen: HandedFile, ordered: Sequence[HandedFile], disguised: bool) -> tuple[str, ...]:
        told = []
        others = [shown("/".join(file.path)) for file in ordered if file is not chosen]
        if others:
            more = f" and {len(others) - 3} more" if len(others) > 3 else ""
            name = shown("/".join(chosen.path))
            if name in others:  # the platform gave both their own name again: where they came in tells them apart
                name, others = chosen.entry.source, [file.entry.source for file in ordered if file is not chosen]
            told.append(f"Of several notebooks {name} was graded, not {', '.join(others[:3])}{more}.")
        if disguised:
            told.append(f"{shown(chosen.name)} is a notebook under another ending; hand in a file that ends in .ipynb.")
        return tuple(told)

    def _nothing(self) -> str:
        """Return what there is instead of a notebook, and what to do."""
        hand_in = self._hand_in
        source, advice = shown(hand_in.where), "hand in the .ipynb file itself"
        if hand_in.refused:
            first = next((r for r in hand_in.refused if ".ipynb" in r.source.lower()), hand_in.refused[0])
            return f"{first.source}: {first.message}"
        if hand_in.files:
            names = ", ".join(shown("/".join(file.path)) for file in hand_in.files[:4])
            more = f" and {len(hand_in.files) - 4} more" if len(hand_in.files) > 4 else ""
            return f"{source}: found {names}{more}, expected a notebook; {advice}"
        if hand_in.skipped:
            names = ", ".join(dict.fromkeys(one.parts[-1] for one in hand_in.skipped[:50]))
            return f"{source}: found only what programs leave ({shown(names)}), expected a notebook; {advice}"
        return f"{source}: found nothing in it, expected a notebook; {advice}"

    def _disguised(self, named: Collection[str] = ()) -> list[HandedFile]:
        """Return files that are notebooks under another ending, `.ipynb.txt` or `.json`, and the few under any other.

        named: only those of which the names say one of these assignments, and `.ipynb`.
        """
        found = []
        for file in sorted(self._files, key=self._disguise):
            lower = file.name.lower()
            if lower.endswith(".ipynb") or lower.endswith(_OTHERWISE):
                continue
            if named and (".ipynb" not in lower or self._by_name(file) not in named):
                continue
            data = self._open(file)
            if not isinstance(data, FileRefused) and _is_notebook(data):
                found.append(file)
        return found

    def _disguise(self, file: HandedFile) -> tuple[object, ...]:
        """Return what orders files by how likely they are notebooks under another ending."""
        lower = file.name.lower()
        likely = lower.endswith(DISGUISED) or "." not in lower
        return ".ipynb" not in lower, not named_assignment(lower, self._names), not likely, len(file.path), file.path

    def _open(self, file: HandedFile, *, anyway: bool = False) -> bytes | FileRefused:
        """Return the file's bytes, or why they cannot be had: also once too many were opened.

        anyway: however many were opened, since this is the one to grade.
        """
        if file not in self._opened or (anyway and file in self._too_many):
            size = file.entry.size
            self._too_many.discard(file)
            if size > MAX_NOTEBOOK:
                most = MAX_NOTEBOOK >> 20
                advice = "clear large outputs and save"
                self._opened[file] = FileRefused(f"found {size >> 20} MiB, expected at most {most} MiB; {advice}")
            elif not anyway and (len(self._opened) >= 4 * MOST_OPENED or self._bytes + size > _MOST_READ):
                self._too_many.add(file)
                self._opened[file] = FileRefused("found too many notebooks to look into; hand in the one to grade")
            else:
                self._bytes += size
                try:
                    self._opened[file] = file.entry.read()
                except FileRefused as error:
                    self._opened[file] = error
        return self._opened[file]

    def _metadata(self, file: HandedFile) -> tuple[str, str]:
        """Return (assignment, release) as the notebook says them, or empty. Credit hangs on neither."""
        data = self._open(file)
        if isinstance(data, FileRefused):
            return "", ""
        return notebook_metadata(data)

    def _release(self, file: HandedFile) -> str:
        return self._metadata(file)[1]

    def _says(self, file: HandedFile) -> str:
        """Return the course's assignment that the notebook says it is of, by its name or its release; "" for none."""
        name, release = self._metadata(file)
        by_release = next((one.name for one in self._wanted if release and release in one.releases()), "")
        return by_release or (name if name in self._names else "")

    def _foreign(self, file: HandedFile, assignment: str) -> str:
        """Return which other assignment of the course the notebook is of; "" where it is of none."""
        says = self._says(file)
        return says if says != assignment else ""


def notebook_metadata(data: bytes) -> tuple[str, str]:
    """Return (assignment, release) of a notebook's metadata, each empty where there is none."""
    try:
        document = parse(data).value
    except UntrustedJsonError:
        return "", ""
    metadata = document.get("metadata") if isinstance(document, dict) else None
    ours = metadata.get("autograder") if isinstance(metadata, dict) else None
    if not isinstance(ours, dict):
        return "", ""
    values = [ours.get("assignment"), ours.get("release")]
    name, release = (value if isinstance(value, str) and len(value) <= 200 else "" for value in values)
    return name, release


def _is_notebook(data: bytes) -> bool:
    plain = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"cells"' in data
    if not plain and not data.startswith((b"\xff\xfe", b"\xfe\xff")):  # nor UTF-16, which some editors write
        return False
    try:
        document = parse(data).value
    except UntrustedJsonError:
        return False
    return isinstance(document, dict) and isinstance(document.get("cells"), list)
