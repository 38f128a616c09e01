"""The results folder keeps what was graded, whole, once, and under one writer."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.records import Evidence, GradeEvent, Outcome, QuestionResult, Result, SubmissionInfo
from autograder.reports.summary import grades_csv, summarise
from autograder.results.store import Place, Store, StoreError

WHEN = datetime(2026, 10, 1, tzinfo=UTC)
PLACE = Place("tiny", "s1")


def evidence(subject: str = "s1", sha: str = "a" * 64) -> Evidence:
    return Evidence(
        assignment="tiny",
        submission=SubmissionInfo(subject=subject, members=(subject,), notebook_sha256=sha),
        outcome=Outcome.GRADED,
        graded_at=WHEN,
    )


def result(subject: str = "s1", score: float | None = 3.0, attempt: int = 1, **changes: object) -> Result:
    base = Result(
        outcome=Outcome.GRADED,
        subject=subject,
        students=(subject,),
        assignment="tiny",
        title="Tiny",
        notebook_sha256="a" * 64,
        attempt=attempt,
        graded_at=WHEN,
        score=score,
        max_score=4.0,
        rubric="r1",
        questions=(QuestionResult(id="q", title="Q", kind="tests", score=score, max_score=4.0, status="partial"),),
    )
    return base.model_copy(update=changes)


def event(after: float | None, subject: str = "s1") -> GradeEvent:
    return GradeEvent(
        when=WHEN, who="grader", why="graded", assignment="tiny", subject=subject, before=None, after=after
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "results") as opened:
        yield opened


def test_evidence_comes_back_with_its_notebook_and_outputs(store: Store) -> None:
    kept = store.keep(evidence(), b"{}", {2: [{"output_type": "stream", "text": "hé"}]})
    assert store.latest(PLACE) == kept
    assert store.notebook(kept) == b"{}"
    assert store.outputs(kept) == {2: [{"output_type": "stream", "text": "hé"}]}
    assert list(store.places()) == [PLACE]


def test_attempts_count_up_and_stay(store: Store) -> None:
    first = store.keep(evidence(), b"1", {})
    second = store.keep(evidence(sha="b" * 64), b"2", {})
    assert (first.attempt, second.attempt) == (1, 2)
    assert store.attempt(PLACE, 1) == first
    assert store.latest(PLACE) == second


@pytest.mark.parametrize("left", [".attempt-001.zip.tmp", "attempt-001.notebook.ipynb"], ids=["now", "earlier version"])
def test_an_attempt_without_evidence_did_not_happen(store: Store, left: str) -> None:
    folder = store.staff / "evidence" / "tiny" / "s1"
    folder.mkdir(parents=True)
    (folder / left).write_bytes(b"left by a killed run")
    assert store.latest(PLACE) is None
    kept = store.keep(evidence(), b"fresh", {})
    assert kept.attempt == 1
    assert store.notebook(kept) == b"fresh"


def test_a_second_writer_is_refused_with_one_message(store: Store) -> None:
    with pytest.raises(StoreError, match=rf"another autograder \(process {os.getpid()}\)"), Store(store.root):
        pass


def test_a_reader_needs_no_lock(store: Store) -> None:
    store.keep(evidence(), b"{}", {})
    with Store(store.root, write=False) as reader:
        assert reader.latest(PLACE) is not None


def test_the_lock_of_a_killed_writer_is_free(tmp_path: Path) -> None:
    code = f"import os\nfrom pathlib import Path\nfrom autograder.results.store import Store\n" \
           f"with Store(Path({str(tmp_path)!r})): os.kill(os.getpid(), 9)"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with Store(tmp_path):
        pass


@pytest.mark.parametrize("subject", ["..", "a/b", "", ".hidden", "x" * 121, "a\n"])
def test_names_that_leave_the_folder_are_refused(subject: str) -> None:
    with pytest.raises(StoreError, match="cannot name a folder"):
        Place("tiny", subject)


def test_an_attempt_is_one_file_that_any_tool_opens(store: Store) -> None:
    kept = store.keep(evidence(), b'{"cells": []}', {0: []})
    (path,) = (store.staff / "evidence/tiny/s1").iterdir()
    with zipfile.ZipFile(path) as opened:
        assert Evidence.model_validate_json(opened.read("evidence.json")) == kept
        assert opened.read("notebook.ipynb") == b'{"cells": []}'
        assert json.loads(opened.read("outputs.json")) == {"0": []}
    whole = path.read_bytes()
    path.unlink()
    store.keep(evidence(), b'{"cells": []}', {0: []})
    assert path.read_bytes() == whole


def _edited(data: bytes) -> bytes:
    with io.BytesIO() as made:
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("evidence.json", '{"attempt": "x"}')
        return made.getvalue()


def _one_bit(data: bytes) -> bytes:
    at = data.index(b"notebook.ipynb") + len("notebook.ipynb") + 4
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (_edited, "attempt"),
        (_edited, "notebook.ipynb"),
        (_one_bit, "notebook.ipynb"),
        (lambda data: data[: len(data) // 2], "evidence.json"),
        (lambda data: b"", "evidence.json"),
    ],
    ids=["no number", "no notebook", "one bit", "cut off", "empty"],
)
def test_damaged_evidence_names_file_and_place(store: Store, damage: Callable[[bytes], bytes], part: str) -> None:
    kept = store.keep(evidence(), b"notebook " * 99, {})
    path = store.staff / "evidence" / "tiny" / "s1" / "attempt-001.zip"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreError, match=rf"attempt-001\.zip: {part}: .*evidence is never edited"):
        store.notebook(kept) if part == "notebook.ipynb" else store.latest(PLACE)


def test_a_result_is_current_only_when_everything_is_there(store: Store) -> None:
    store.write_derived(result(), "<p>", event(3.0))
    assert store.is_current(store.result(PLACE), 1, "r1")
    assert not store.is_current(store.result(PLACE), 2, "r1")
    assert not store.is_current(store.result(PLACE), 1, "r2")
    store.page(PLACE).unlink()
    assert not store.is_current(store.result(PLACE), 1, "r1")


def test_a_change_is_recorded_once_and_knows_what_was_before(store: Store) -> None:
    assert store.write_derived(result(), "<p>", event(3.0))
    assert not store.write_derived(result(), "<p>", event(3.0))
    assert store.write_derived(result(score=4.0), "<p>", event(4.0))
    assert [(e.before, e.after) for e in store.events()] == [(None, 3.0), (3.0, 4.0)]


def test_events_survive_reopening_and_a_torn_line(tmp_path: Path) -> None:
    with Store(tmp_path) as first:
        first.record(event(1.0))
    with (tmp_path / "staff" / "events.jsonl").open("ab") as log:
        log.write(b'{"when": "2026-')
    with Store(tmp_path) as second:
        assert [e.after for e in second.events()] == [1.0]
        assert not second.record(event(1.0))
        assert second.record(event(2.0))
        assert [(e.before, e.after) for e in second.events()] == [(None, 1.0), (1.0, 2.0)]


def test_temporaries_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "staff" / "submissions" / "tiny" / "s1"
    folder.mkdir(parents=True)
    (folder / ".result.json.tmp").write_bytes(b"half")
    with Store(tmp_path):
        assert list(folder.iterdir()) == []


def test_csv_neutralises_formulas_and_keeps_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(grades_csv([
        result("s1", reason="=cmd|' /C calc'!A0", score=-1.5), result("s2", students=("@a", " +b")),
    ]))))  # fmt: skip
    assert rows[0]["reason"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["score"] == "-1.5"
    assert [row["student"] for row in rows] == ["s1", "'@a", "' +b"]
    assert rows[1]["tiny/q"] == "3.0"


def test_summary_counts_outcomes_and_questions() -> None:
    summary = summarise([result("s1"), result("s2", score=1.0), result("s3", score=None, outcome=Outcome.NOT_GRADED,
                                                                      reason="worker ended")])  # fmt: skip
    tiny = summary["assignments"]["tiny"]
    assert summary["outcomes"] == {"graded": 2, "ungradable": 0, "not_graded": 1}
    assert tiny["score"] == {"mean": 2.0, "median": 2.0, "lowest": 1.0, "highest": 3.0}
    assert tiny["not_graded"] == {"s3": "worker ended"}
    assert tiny["questions"]["q"]["score"]["mean"] == 2.0
