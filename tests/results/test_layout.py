"""The two sides of a results folder, and folders of earlier versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autograder.commands.migrate import command
from autograder.records import Evidence, GradeEvent, Outcome, Result, SubmissionInfo
from autograder.results import layout
from autograder.results.layout import layout_of, migrate
from autograder.results.store import Place, Store, StoreError
from tests.kept import members

WHEN = datetime(2026, 10, 1, tzinfo=UTC)
PLACES = [Place("01_first", "anna"), Place("01_first", "ben"), Place("02_second", "anna")]


def fill(root: Path) -> None:
    """Three graded submissions, and what nbgrader and a person keep beside them."""
    with Store(root) as store:
        for place in PLACES:
            write(store, place, "the page")
        for name in ("gradebook.db", "nbgrader_config.py", "notes of a TA.txt"):
            (store.staff / name).write_text(name)
        (store.staff / "autograded" / "anna").mkdir(parents=True)


def write(store: Store, place: Place, page: str, score: float = 1.0) -> None:
    submission = SubmissionInfo(subject=place.subject, notebook_sha256="0" * 64)
    evidence = Evidence(assignment=place.assignment, submission=submission, outcome=Outcome.GRADED, graded_at=WHEN)
    kept = store.keep(evidence, b"{}", {})
    result = Result(
        outcome=Outcome.GRADED,
        subject=place.subject,
        students=(place.subject,),
        assignment=place.assignment,
        title="A title",
        notebook_sha256="0" * 64,
        attempt=kept.attempt,
        graded_at=WHEN,
        score=score,
        max_score=2.0,
    )
    event = GradeEvent(
        when=WHEN, who="x", why="x", assignment=place.assignment, subject=place.subject, before=None, after=score
    )
    store.write_derived(result, page, event)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder as earlier versions laid it out: everything at the top."""
    root = tmp_path / "results"
    (root / "evidence").mkdir(parents=True)
    fill(root)
    assert (root / "submissions/01_first/anna/feedback.html").is_file()
    assert not (root / "staff").exists()
    return root


def test_only_pages_are_on_the_students_side(tmp_path: Path) -> None:
    fill(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "staff", "students"]
    found = [path for path in (tmp_path / "students").rglob("*") if path.is_file()]
    assert {path.name for path in found} == {"feedback.html"}
    assert len(found) == 3
    assert not list((tmp_path / "staff").rglob("feedback.html"))


def test_an_old_folder_is_read_and_written_as_it_is(old: Path) -> None:
    with Store(old) as store:
        assert list(store.places()) == PLACES
        assert len(list(store.results())) == 3
        assert store.is_current(store.result(PLACES[0]), 1, "")
        write(store, PLACES[0], "a new page", 2.0)
        assert store.page(PLACES[0]).read_text() == "a new page"
        assert store.page_link(next(store.results())) == "submissions/01_first/anna/feedback.html"
    assert not (old / "staff").exists()


def test_an_old_folder_moves_and_nothing_is_lost(old: Path) -> None:
    before = {path.name: path.read_bytes() for path in old.rglob("*") if path.is_file() and path.name != ".lock"}
    count = sum(1 for path in old.rglob("*") if path.is_file())
    done = CliRunner().invoke(command, [str(old)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in old.iterdir()) == [".lock", "staff", "students"]
    after = {path.name: path.read_bytes() for path in old.rglob("*") if path.is_file() and path.name != ".lock"}
    assert after == before
    assert sum(1 for path in old.rglob("*") if path.is_file()) == count
    with Store(old, write=False) as store:
        assert list(store.places()) == PLACES
        assert store.page(PLACES[2]).read_text() == "the page"
        assert store.is_current(store.result(PLACES[0]), 1, "")
        assert len(list(store.events())) == 3
        assert store.page_link(next(store.results())) == "../students/01_first/anna/feedback.html"
        assert (store.staff / "notes of a TA.txt").is_file()
    again = CliRunner().invoke(command, [str(old)])
    assert again.exit_code == 0
    assert "nothing to do" in again.output


def loosen(root: Path) -> dict[str, bytes]:
    """Keep attempts in three files each, beside an executed notebook, as earlier versions did; path -> bytes of all."""
    for path in sorted(root.rglob("attempt-*.zip")):
        for part, data in members(path).items():
            path.with_name(path.stem + {"evidence.json": ".json"}.get(part, f".{part}")).write_bytes(data)
        path.unlink()
    for path in root.rglob("result.json"):
        path.with_name("executed.ipynb").write_bytes(b"{}")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("attempt-*")}


def test_loose_evidence_is_read_as_it_is_and_counted_on(old: Path) -> None:
    assert sorted(path.name for path in (old / "evidence/01_first/anna").iterdir()) == ["attempt-001.zip"]
    kept = loosen(old)
    assert len(kept) == 9
    with Store(old) as store:
        assert list(store.latest_attempts()) == [(place, 1) for place in PLACES]
        evidence = store.latest(PLACES[0])
        assert evidence is not None
        assert (store.notebook(evidence), store.outputs(evidence)) == (b"{}", {})
        write(store, PLACES[0], "a new page", 2.0)
        assert store.attempts(PLACES[0]) == [1, 2]
        store.forget_member(PLACES[0], "somebody")
        assert store.attempts(PLACES[0]) == [1, 2]
        (old / "evidence/01_first/ben/attempt-001.outputs.json").unlink()
        evidence = store.latest(PLACES[1])
        assert evidence is not None
        with pytest.raises(StoreError, match=r"attempt-001.outputs.json: outputs.json: .*restore the file"):
            store.outputs(evidence)


def test_migrate_packs_loose_evidence_and_nothing_is_lost(old: Path) -> None:
    with Store(old, write=False) as store:
        before = [store.latest(place) for place in PLACES]
    loosen(old)
    (old / "evidence/01_first/anna/attempt-002.notebook.ipynb").write_bytes(b"of a killed run")
    done = CliRunner().invoke(command, [str(old)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "3 attempts packed" in done.output
    names = {path.name for path in (old / "staff").rglob("*") if path.is_file()}
    assert {"attempt-001.zip", "result.json"} < names
    assert not names & {"attempt-001.json", "attempt-002.notebook.ipynb", "executed.ipynb"}
    with Store(old) as store:
        assert [store.latest(place) for place in PLACES] == before
        assert store.is_current(store.result(PLACES[0]), 1, "")
    assert "nothing to do" in CliRunner().invoke(command, [str(old)]).output


@pytest.mark.parametrize("stops_after", range(14))
def test_packing_that_is_interrupted_is_finished_by_the_next(
    old: Path, monkeypatch: pytest.MonkeyPatch, stops_after: int
) -> None:
    """Killed between any two changes: what a reader finds is whole at every moment."""
    with Store(old, write=False) as store:
        before = [store.latest(place) for place in PLACES]
    loosen(old)
    left = [stops_after]

    def stopping(step: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*args: Any, **options: Any) -> Any:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return step(*args, **options)

        return changed

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, stopping(getattr(Path, name)))
        layout.pack_evidence(old)
    with Store(old, write=False) as store:
        assert [store.latest(place) for place in PLACES] == before
        assert all(store.notebook(one) == b"{}" for one in before if one)
    layout.pack_evidence(old)
    assert len(list(old.rglob("attempt-*"))) == 3
    with Store(old, write=False) as store:
        assert [store.latest(place) for place in PLACES] == before


@pytest.mark.parametrize("stops_after", range(14))
def test_a_move_that_is_interrupted_is_finished_by_the_next(
    old: Path, monkeypatch: pytest.MonkeyPatch, stops_after: int
) -> None:
    """Killed between any two renames."""
    left = [stops_after]
    rename = Path.rename

    def stopping(self: Path, target: Path) -> Path:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(layout.Path, "rename", stopping)
        try:
            migrate(old)
        except KeyboardInterrupt:
            with pytest.raises(StoreError, match="autograder migrate"), Store(old):
                pass
    migrate(old)
    assert not layout_of(old).old
    with Store(old) as store:
        assert list(store.places()) == PLACES
        assert all(store.page(place).is_file() for place in PLACES)


def test_a_folder_that_somebody_writes_to_does_not_move(old: Path) -> None:
    with Store(old):
        done = CliRunner().invoke(command, [str(old)])
    assert done.exit_code == 1
    assert "is writing there" in done.output


def test_a_new_folder_begins_with_both_sides(tmp_path: Path) -> None:
    with Store(tmp_path / "new") as store:
        assert not store.layout.old
        assert store.staff == tmp_path / "new" / "staff"
    assert json.dumps(str(layout_of(tmp_path / "new").students)).endswith('students"')
