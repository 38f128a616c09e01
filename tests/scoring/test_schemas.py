"""docs/schemas/ says what the records are."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from autograder.course.course import Course
from autograder.records import Evidence, GradeEvent
from autograder.scoring.score import score

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("schemas_generate", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_schema_is_current() -> None:
    module = generator()
    assert {path.name for path in FOLDER.glob("*.json")} == set(module.SCHEMAS)
    for name in module.SCHEMAS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert text == module.schema(name), f"docs/schemas/{name} is stale: run `python docs/schemas/generate.py`"


def test_written_records_satisfy_their_schemas(course: Course, make_evidence: Callable[..., Evidence]) -> None:
    evidence = make_evidence(one="passed failed")
    result = score(evidence, course.assignments[0], course.late_policy)
    event = GradeEvent(when=datetime(2026, 1, 1, tzinfo=UTC), who="a", why="b", assignment="c", subject="d",
                       before=None, after=1.0)  # fmt: skip
    for name, record in (("evidence", evidence), ("result", result), ("event", event)):
        document = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
        written = json.loads(record.model_dump_json())
        jsonschema.Draft202012Validator(document).validate(written)
        del written["assignment"]
        with pytest.raises(jsonschema.ValidationError, match="assignment"):
            jsonschema.Draft202012Validator(document).validate(written)
