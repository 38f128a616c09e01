"""What holds in every layout, whatever students call their files."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.submissions.find import Intake
from autograder.submissions.listing import shown
from autograder.submissions.submission import Submission
from tests.submissions.class_folders import CHANNELS, PEOPLE, Channel, Files, HandIns, Person, notebook, zipped

NOON = datetime(2026, 10, 12, 12, 0, 33, tzinfo=UTC)
BY_KEY = {channel.key: channel for channel in CHANNELS}
each_layout = pytest.mark.parametrize("key", BY_KEY)
PROGRAMS_FOLDERS = ("__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git")  # not looked into
# Each example writes and takes in a class, of each layout; more of them where new ones are looked for.
EXAMPLES = 25 if settings.get_current_profile_name() == "random" else 10
few = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def taken_in(channel: Channel, hand_ins: HandIns, *, one_by_one: bool = False) -> Iterator[Intake]:
    with tempfile.TemporaryDirectory() as folder:
        yield channel.intake(Path(folder), hand_ins, NOON, one_by_one=one_by_one)


def honest(person: Person) -> dict[str, bytes]:
    return {"blocks.ipynb": notebook(person.id), "weights.safetensors": person.id.encode()}


def imitations(victim: Person) -> list[str]:
    """Names that look like the victim's download on some platform."""
    stamp = "2026-10-11-09-00-00"
    name = victim.name.replace("_", " ")
    return [
        f"x_{victim.canvas}_99_blocks.ipynb", f"{victim.canvas}_5_blocks.ipynb", f"{victim.canvas}.ipynb",
        f"x_{victim.canvas}_text.html",
        f"{name}_{victim.participant}_assignsubmission_file_blocks.ipynb",
        f"HW 3_{victim.login}_attempt_{stamp}_blocks.ipynb", f"HW 3_{victim.login}_attempt_{stamp}.txt",
        f"{victim.d2l}-883120 - {name} - Oct 11, 2026 904 PM - blocks.ipynb",
        f"Lovelace_Ada_{victim.login}_{victim.ilias}.ipynb", f"hw-3-{victim.github}.ipynb",
        f"{victim.login}+blocks+2026-10-11 09:00:00.000000 UTC+qX3_a-9ZkP0w.ipynb",
        f"{victim.id}.ipynb", f"{victim.id}_blocks.ipynb", f"{victim.login}.zip", f"{victim.email}.ipynb",
        "timestamp.txt", "submission_metadata.yml", "index.html", "lab2.ipynb", "blocks-1.ipynb", "Blocks.IPYNB",
        *PROGRAMS_FOLDERS, "._blocks.ipynb", ".DS_Store", "Thumbs.db", "desktop.ini", ".OTTER_LOG", "__zip_filename__",
        ".GIT",
    ]  # fmt: skip


def imitated_folders(victim: Person) -> list[str]:
    return [
        f"{victim.id}/", f"submitted/{victim.id}/blocks/", f"{victim.id}/blocks/", f"hw-3-{victim.github}/",
        f"hw-3-submissions/hw-3-{victim.github}/", f"Lovelace_Ada_{victim.login}_{victim.ilias}/",
        f"{victim.name}_{victim.participant}_assignsubmission_file/", "blocks/", "submission_9002/", "Submissions/",
        *(f"{name}/" for name in PROGRAMS_FOLDERS), "x/.git/", "Thumbs.db/", ".DS_Store/", ".OTTER_LOG/", "__macosx/",
    ]  # fmt: skip


def display_names(victim: Person) -> list[str]:
    """What a student may call themselves on a platform, so that the name of their download looks like another's."""
    name = victim.name.replace("_", " ")
    letters = "".join(char for char in victim.name if char.isalnum() or char == "_")
    number, dated = f"{victim.d2l}-883120", "Oct 11, 2026 904 AM"
    return [
        victim.name, f"{letters}_{victim.canvas}", f"x_{victim.canvas}", f"{letters}_LATE_{victim.canvas}",
        f"{letters}_{victim.canvas}_883000", f"{name}_{victim.participant}",
        f"{name}_{victim.participant}_assignsubmission", f"Ada ({victim.login})", f"({victim.login})",
        f"{victim.login}_attempt_2026-10-11-09-00-00", f"Ada - {dated}", f"{number} - {name}",
        f"{number} - {name} - {dated} - x", f"X {victim.login}_{victim.ilias}", f"X_{victim.login} {victim.ilias}",
        f"x: y\n  :email: {victim.email}", victim.id, victim.email, "anon_u3Lb9", "Team 12", "=cmd|'x'!A0",
        "Ada\u202eecalevoL", "A" * 80, " ", "X X",
    ]  # fmt: skip


CONTENT = (
    notebook("hostile"), notebook("hostile", "lab2"), b"2020-01-01 00:00:00 UTC", b"", b"{", b"PK\x03\x04",
    b"submission_9002:\n  :submitters:\n  - :email: s1@uni.example\n",
    b"Name: Ada (lo_gin1)\nDate Submitted: Monday, October 12, 2026 09:00:00 AM UTC\n",
    zipped({"s2/blocks/blocks.ipynb": notebook("zipped"), "s2/blocks/timestamp.txt": b"2020-01-01"}),
)  # fmt: skip


def odd_name(text: str) -> bool:
    return bool(text.strip(" .")) and len(text.encode("utf-8", "ignore")) < 90 and text.encode("utf-8", "ignore") != b""


@st.composite
def hostile_files(draw: st.DrawFn, victim: Person, flat: bool) -> Files:
    plain = st.text(st.characters(exclude_characters="/\0\n\r", exclude_categories=["Cs"]), min_size=1, max_size=20)
    names = st.sampled_from(imitations(victim)) | plain.filter(odd_name)
    files = {}
    for name in draw(st.lists(names, min_size=1, max_size=6)):
        inside = "" if flat else draw(st.sampled_from(["", *imitated_folders(victim)]))
        files[inside + name] = draw(st.sampled_from(CONTENT))
    kept: dict[str, bytes] = {}
    for path, data in files.items():  # a name cannot be a file and a folder
        if not any(path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in kept):
            kept[path] = data
    return kept


def seen(submission: Submission) -> tuple[object, ...]:
    artifacts = {name: one.sha256 for name, one in submission.artifacts.items()}
    return (submission.subject, submission.assignment, submission.source.rpartition("/")[2], submission.sha256,
            submission.received_at, artifacts, submission.problem, submission.set_aside)  # fmt: skip


def fate(submission: Submission) -> tuple[object, ...]:
    """What becomes of a submission, without the words for it, which say where it lies."""
    *facts, problem, set_aside = seen(submission)
    subject = submission.subject if submission.matched else ""
    return (subject, *facts[1:2], *facts[3:], bool(problem), set_aside, bool(submission.superseded_by))


@each_layout
@few
@given(data=st.data())
def test_no_student_s_result_depends_on_another_s_files(key: str, data: st.DataObject) -> None:
    channel = BY_KEY[key]
    mallory, victim, third = data.draw(st.permutations(PEOPLE))
    names = [n for n in display_names(victim) if not (channel.key.startswith("moodle") and "assignsubmission" in n)]
    mallory = replace(mallory, name=data.draw(st.sampled_from([mallory.name, *names])))
    present = [person for person in (victim, third) if person is third or data.draw(st.booleans())]
    files = {person: honest(person) for person in present}
    hostile = data.draw(hostile_files(victim, channel.flat))
    own = honest(mallory) if data.draw(st.booleans()) else {}
    with taken_in(channel, files | {mallory: honest(mallory)}) as before:
        expected = sorted((seen(s) for s in before.submissions if s.subject != mallory.id), key=repr)
    with taken_in(channel, files | {mallory: {**own, **hostile}}) as after:
        found = [s for s in after.submissions if s.subject in {person.id for person in (victim, third)}]
        assert sorted(map(seen, found), key=repr) == expected
        theirs = {
            hashlib.sha256(content).hexdigest() for content in (*hostile.values(), honest(mallory)["blocks.ipynb"])
        }
        for submission in after.submissions:
            if submission.sha256 in theirs:
                assert submission.subject not in {victim.id, third.id}
            if submission.subject == mallory.id and not channel.has_time:
                assert submission.received_at is None
            if submission.subject == mallory.id and channel.has_time:
                assert submission.received_at is not None
                assert abs((submission.received_at - NOON).total_seconds()) <= 60


@each_layout
@few
@given(data=st.data())
def test_everything_that_came_in_is_accounted_for(key: str, data: st.DataObject) -> None:
    channel = BY_KEY[key]
    victim = PEOPLE[0]
    hand_ins = {person: data.draw(hostile_files(victim, channel.flat)) for person in PEOPLE}
    with taken_in(channel, hand_ins) as intake:
        told = " ".join(
            [*(source for s in intake.submissions for source in (s.source, *s.beside)),
             *(left.source for left in intake.left_over)]
        )  # fmt: skip
        for files in hand_ins.values():
            for path, data in files.items():
                a_folder = channel.key == "zips" and path.endswith("\\") and not data
                if not is_platform_s(channel, path) and not a_folder:
                    assert told_name(path, channel) in told, path


def told_name(path: str, channel: Channel) -> str:
    """What is told of a file: its name as it is shown, or the folder that is not looked into."""
    parts = path.split("/")
    folder = next((n for n, part in enumerate(parts[:-1]) if part in PROGRAMS_FOLDERS), len(parts) - 1)
    name = shown(parts[folder])
    # A zip from Windows has backslashes between folders.
    return name.replace("\\", "/") if channel.key == "zips" else name


def is_platform_s(channel: Channel, path: str) -> bool:
    """Whether a file of this name is replaced by the platform's own, as the builder writes it."""
    return channel.key in ("collected", "inbound") and path == "timestamp.txt"


@each_layout
@few
@given(data=st.data())
def test_paths_given_one_by_one_are_the_same_class(key: str, data: st.DataObject) -> None:
    channel = BY_KEY[key]
    hand_ins: dict[Person, Files] = {PEOPLE[0]: data.draw(hostile_files(PEOPLE[1], channel.flat))}
    hand_ins |= {person: honest(person) for person in PEOPLE[1:]}
    with taken_in(channel, hand_ins) as intake:
        expected, beside = sorted(map(fate, intake.submissions), key=repr), len(intake.left_over)
    with taken_in(channel, hand_ins, one_by_one=True) as intake:
        assert sorted(map(fate, intake.submissions), key=repr) == expected
        assert len(intake.left_over) == beside


def test_one_by_one_where_an_archive_of_a_flat_download_is_damaged() -> None:
    channel = BY_KEY["brightspace_flat"]
    files = {"lo_gin2.zip": b"{", "s2@uni.example.ipynb": b"2020-01-01"}
    with taken_in(channel, {PEOPLE[0]: files}) as whole, taken_in(channel, {PEOPLE[0]: files}, one_by_one=True) as one:
        assert list(map(fate, whole.submissions)) == list(map(fate, one.submissions))


@each_layout
def test_the_same_work_in_every_layout_gives_the_same_submission(key: str) -> None:
    channel = BY_KEY[key]
    with taken_in(channel, {person: honest(person) for person in PEOPLE}) as intake:
        assert len(intake.submissions) == len(PEOPLE)
        assert intake.left_over == ()
        for submission, person in zip(sorted(intake.submissions, key=lambda s: s.subject), PEOPLE, strict=True):
            assert (submission.subject, submission.assignment, submission.problem) == (person.id, "blocks", "")
            assert submission.notebook == honest(person)["blocks.ipynb"]
            assert submission.files(["weights.safetensors"]) == {"weights.safetensors": person.id.encode()}
            if channel.has_time:
                assert submission.received_at is not None
                assert abs((submission.received_at - NOON).total_seconds()) <= 60  # some platforms write no seconds
            else:
                assert submission.received_at is None


@each_layout
def test_an_unknown_id_is_set_aside_and_never_replaced_by_a_name(key: str) -> None:
    channel = BY_KEY[key]
    stranger = Person("s9", PEOPLE[0].name, 9)  # called as the first student is
    with taken_in(channel, {stranger: {"s1.ipynb": notebook("stranger")}, PEOPLE[1]: honest(PEOPLE[1])}) as intake:
        (unknown,) = [s for s in intake.submissions if s.subject != "s2"]
        assert (unknown.matched, unknown.members) == (False, ())
        assert "nobody in the roster matched" in unknown.flags[0]
