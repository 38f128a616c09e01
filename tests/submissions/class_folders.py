"""Class folders as each platform writes them, for tests: the same hand-ins in every layout.

A builder gets a folder and what each student uploaded, and writes what a teacher would download. Names inside the
platform's part are the platform's; a path that a student uploaded stays theirs, however it looks.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from autograder.course.roster import Roster, load_roster
from autograder.course.submission_rules import SubmissionRules
from autograder.submissions.find import Intake, Request, Wanted, take_in
from autograder.submissions.receipt import Clock
from autograder.submissions.worksheet import NO_WORKSHEET, read_worksheet

ZONE = ZoneInfo("Europe/Berlin")
WANTED = (Wanted("blocks", ("weights.safetensors",)), Wanted("lab2", ()))
Files = Mapping[str, bytes]
HandIns = Mapping["Person", Files]


@dataclass(frozen=True)
class Person:
    """One student under every kind of name."""

    id: str
    name: str  # as a platform displays it: chosen by the student
    number: int

    @property
    def canvas(self) -> int:
        return 20000 + self.number

    @property
    def participant(self) -> int:
        return 4700 + self.number

    @property
    def d2l(self) -> int:
        return 30000 + self.number

    @property
    def ilias(self) -> int:
        return 40000 + self.number

    @property
    def login(self) -> str:
        return f"lo_gin{self.number}"

    @property
    def github(self) -> str:
        return f"git-{self.number}"

    @property
    def anonymous(self) -> str:
        return f"u{self.number}Lb9"

    @property
    def email(self) -> str:
        return f"{self.id}@uni.example"

    @property
    def aliases(self) -> str:
        kinds = {"canvas": self.canvas, "d2l": self.d2l, "ilias": self.ilias, "github": self.github}
        return "; ".join([*(f"{kind}:{value}" for kind, value in kinds.items()), f"login:{self.login}"])


PEOPLE = tuple(Person(f"s{n}", name, n) for n, name in enumerate(["Ada Lovelace", "j_doe", "Jürgen O'Neil"], start=1))


def roster(folder: Path) -> Roster:
    path = folder / "roster.csv"
    lines = [f"{person.id},{person.email},{person.aliases}" for person in PEOPLE]
    path.write_text("\n".join(["id,email,aliases", *lines]) + "\n", encoding="utf-8")
    return load_roster(path)


def notebook(text: str, assignment: str = "blocks") -> bytes:
    metadata = {"autograder": {"assignment": assignment}}
    cells = [{"cell_type": "code", "source": text, "metadata": {}}]
    return json.dumps({"nbformat": 4, "metadata": metadata, "cells": cells}).encode()


def zipped(files: Files) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


@dataclass(frozen=True)
class Channel:
    """One layout. flat: students' folders are lost, so they upload plain files. has_time: it writes hours.

    example: what the tree looks like, for the documentation. recognised: by what.
    """

    key: str
    platform: str
    build: Callable[[Path, HandIns, datetime], None]
    recognised: str
    identified: str
    time: str
    flat: bool = False
    has_time: bool = False
    worksheet: Literal["", "moodle", "anonymous"] = ""
    layout: str = ""
    pattern: str = ""

    def intake(self, folder: Path, hand_ins: HandIns, received: datetime, *, one_by_one: bool = False) -> Intake:
        """Build the class folder and take it in. one_by_one: as a shell's `*` gives what lies in it."""
        place = folder / "in"
        place.mkdir()
        self.build(place, hand_ins, received.astimezone(ZONE))
        people = roster(folder)
        called = {person.id: person for person in (*PEOPLE, *hand_ins)}  # the platform knows display names, too
        sheet = NO_WORKSHEET
        if self.worksheet:
            listed = [called[one.id] for one in PEOPLE]
            sheet = read_worksheet(_worksheet(folder, listed, self.worksheet, received.astimezone(ZONE)), people)
        rules = SubmissionRules(pattern=re.compile(self.pattern, re.DOTALL) if self.pattern else None)
        request = Request(WANTED, people, rules=rules, clock=Clock(ZONE), worksheet=sheet, layout=self.layout)
        return take_in(sorted(place.iterdir()) if one_by_one else [place], request)


def _worksheet(
    folder: Path, people: Sequence[Person], kind: Literal["moodle", "anonymous"], received: datetime
) -> Path:
    path = folder / "worksheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if kind == "anonymous":
            writer.writerows([["anonymous_id", "email"], *([person.anonymous, person.email] for person in people)])
            return path
        writer.writerow(["Identifier", "Full name", "Email address", "Status", "Last modified (submission)"])
        when = f"{received:%A}, {received.day} {received:%B %Y, %I:%M %p}"
        for person in people:
            writer.writerow([f"Participant {person.participant}", person.name, person.email, "Submitted", when])
    return path


def write(folder: Path, path: str, data: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _person_files(hand_ins: HandIns) -> list[tuple[Person, str, bytes]]:
    return [(person, path, data) for person, files in hand_ins.items() for path, data in files.items()]


def canvas(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for number, (person, path, data) in enumerate(_person_files(hand_ins), start=883000):
        name = "".join(char for char in person.name.lower() if char.isalnum() or char == "_")
        name = re.sub(r"_(\d+)_", r"\1", name)
        write(folder, f"{name}_{person.canvas}_{number}_{path}", data)


def canvas_anonymous(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for number, (person, path, data) in enumerate(_person_files(hand_ins), start=883000):
        late = "LATE_" if person.number % 2 == 0 else ""
        write(folder, f"{late}anon_{person.anonymous}_{number}_{path}", data)


def _who(person: Person) -> str:
    return f"{person.name.replace('_', ' ')}_{person.participant}"


def moodle(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"{_who(person)}_assignsubmission_file/{path}", data)


def moodle_flat(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"{_who(person)}_assignsubmission_file_{path}", data)


def blackboard(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    stamp = received.strftime("%Y-%m-%d-%H-%M-%S")
    for person, files in hand_ins.items():
        start = f"HW 3_{person.login}_attempt_{stamp}"
        date = received.strftime("%A, %B %d, %Y %I:%M:%S o'clock %p CEST")
        text = f"Name: {person.name} ({person.login})\nAssignment: HW 3\nDate Submitted: {date}\nCurrent Grade: \n"
        write(folder, f"{start}.txt", text.encode())
        for path, data in files.items():
            write(folder, f"{start}_{path}", data)


def blackboard_bare(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    stamp = received.strftime("%Y-%m-%d-%H-%M-%S")
    for person, path, data in _person_files(hand_ins):
        write(folder, f"HW 3_{person.login}_attempt_{stamp}_{path}", data)


def _d2l(person: Person, received: datetime) -> str:
    hour = received.strftime("%I%M %p").lstrip("0")
    return f"{person.d2l}-883120 - {person.name} - {received:%b} {received.day}, {received.year} {hour}"


def brightspace(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"{_d2l(person, received)}/{path}", data)
    write(folder, "index.html", b"<html>")


def brightspace_flat(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"{_d2l(person, received)} - {path}", data)


def gradescope(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    root = "assignment_51_export"
    when = received.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M:%S.%f000 Z")
    text = ""
    for number, (person, files) in enumerate(hand_ins.items(), start=9001):
        text += (
            f"submission_{number}:\n  :submitters:\n  - :name: {json.dumps(person.name)}\n    :sid: 0{person.number}\n"
        )
        text += f"    :email: {person.email}\n  :created_at: {when}\n  :results:\n    tests:\n    - score: 3\n...\n"
        for path, data in files.items():
            write(folder, f"{root}/submission_{number}/{path}", data)
    write(folder, f"{root}/submission_metadata.yml", text.encode())


def ilias(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        last, first = person.name.replace("_", " ").partition(" ")[::2]
        write(folder, f"Submissions/{last}_{first or 'X'}_{person.login}_{person.ilias}/{path}", data)


def ilias_teams(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        last, first = person.name.replace("_", " ").partition(" ")[::2]
        member = f"{last}_{first or 'X'}_{person.login}_{person.ilias}"
        write(folder, f"Submissions/Team {person.number}/{member}/{path}", data)


def github(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"hw-3-submissions/hw-3-{person.github}/{path}", data)
        if not any(own.split("/")[0] == ".git" for own in hand_ins[person]):  # a student can exchange it for a file
            write(folder, f"hw-3-submissions/hw-3-{person.github}/.git/config", b"[core]\n\tfsmonitor = false\n")


def collected(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"submitted/{person.id}/blocks/{path}", data)
        stamp = received.strftime("%Y-%m-%d %H:%M:%S.%f %Z").encode()
        write(folder, f"submitted/{person.id}/blocks/timestamp.txt", stamp)


def inbound(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        stamp = received.strftime("%Y-%m-%d %H:%M:%S.%f %Z")
        write(folder, f"inbound/{person.login}+blocks+{stamp}+qX3_a-9ZkP0w/{path}", data)


def folders(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"{person.id}/{path}", data)


def zips(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, files in hand_ins.items():
        write(folder, f"{person.login}.zip", zipped(files))


def notebooks(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"{person.id}_{path}", data)


def by_pattern(folder: Path, hand_ins: HandIns, received: datetime) -> None:
    for person, path, data in _person_files(hand_ins):
        write(folder, f"{received:%Y%m%d-%H%M%S}~{person.login}~{path}", data)


CHANNELS = (
    Channel("canvas", "Canvas, Download Submissions", canvas,
            "`{name}[_LATE]_{user}_{file}_…` in most names", "`canvas:` user number", "only that it is `LATE`",
            flat=True),
    Channel("canvas_anonymous", "Canvas, anonymous grading", canvas_anonymous,
            "`[LATE_]anon_{id}_{file}_…` in most names", "`--worksheet` with `anonymous_id` (one assignment's)",
            "only that it is `LATE`", flat=True, worksheet="anonymous"),
    Channel("moodle", "Moodle, in folders", moodle, "`{name}_{number}_assignsubmission_…`",
            "`--worksheet` of the same assignment (or `moodle:` number)", "the worksheet's",
            has_time=True, worksheet="moodle"),
    Channel("moodle_flat", "Moodle, without folders", moodle_flat, "the same before `_{file}`",
            "as above", "the worksheet's", flat=True, has_time=True, worksheet="moodle"),
    Channel("blackboard", "Blackboard, Assignment File Download", blackboard,
            "`{title}_{user}_attempt_{time}_…`", "`login:`, as its `.txt` file says",
            "the name's and the `.txt` file's",
            flat=True, has_time=True),
    Channel("blackboard_bare", "Blackboard, without the `.txt` files", blackboard_bare, "the same names",
            "`login:` behind what all names begin with", "the name", flat=True, has_time=True),
    Channel("brightspace", "Brightspace, in folders", brightspace, "`{n1}-{n2} - {name} - {date}`",
            "`d2l:` first number", "the folder's name", has_time=True),
    Channel("brightspace_flat", "Brightspace, without folders", brightspace_flat, "the same before ` - {file}`",
            "`d2l:` first number", "the name", flat=True, has_time=True),
    Channel("gradescope", "Gradescope, Export submissions", gradescope,
            "`submission_metadata.yml` beside `submission_{id}`", "`email:` or `sid:` in the metadata",
            "`created_at` in the metadata", has_time=True),
    Channel("ilias", "ILIAS, all submissions", ilias, "`{Last}_{First}_{login}_{number}` folders",
            "`ilias:` number, `login:`", "none (`member_times` in course.yaml)"),
    Channel("ilias_teams", "ILIAS, teams", ilias_teams, "`{word} {number}` folders of such folders",
            "any member's, for the group", "as above"),
    Channel("github", "GitHub Classroom", github, "`{slug}-submissions/{slug}-{login}`", "`github:` login", "none"),
    Channel("collected", "nbgrader, collected", collected, "a folder `submitted` around `{student}/{assignment}`",
            "id, e-mail, `login:`", "`timestamp.txt` at `{student}/{assignment}`", has_time=True),
    Channel("inbound", "nbgrader, exchange or ngshare", inbound, "`{user}+{assignment}+{time}`",
            "id, e-mail, `login:`", "the folder's name", has_time=True),
    Channel("pattern", "names by a pattern of your own", by_pattern, "`submissions: pattern:` in course.yaml",
            "the kinds that the pattern names", "`time` in the pattern", flat=True, has_time=True,
            pattern=r"(?P<time>\d{8}-\d{6})~(?P<login>[^~]+)~(?P<rest>.+)"),
    Channel("folders", "a folder per student (JupyterHub's too)", folders, "nothing else fits",
            "id, e-mail, `login:`, `sid:`, group", "none"),
    Channel("zips", "a zip per student", zips, "nothing else fits", "id, e-mail, `login:`, `sid:`, group", "none"),
    Channel("notebooks", "notebooks named after students", notebooks, "nothing else fits",
            "id, e-mail, `login:`, `sid:`, group; beside the assignment's name", "none", flat=True),
)  # fmt: skip
