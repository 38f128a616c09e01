"""Write the JSON Schemas of every JSON file that a results folder holds: `python docs/schemas/generate.py`.

The pydantic models in autograder/records.py are the source; a test fails where a schema here is not theirs.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from autograder.records import Evidence, GradeEvent, Result

FOLDER = Path(__file__).resolve().parent
SCHEMAS: dict[str, tuple[type[BaseModel], str]] = {
    "evidence.schema.json": (Evidence, "evidence.json in evidence/<assignment>/<subject>/attempt-NNN.zip"),
    "result.schema.json": (Result, "submissions/<assignment>/<subject>/result.json"),
    "event.schema.json": (GradeEvent, "One line of events.jsonl"),
}


def schema(name: str) -> str:
    """The text of one schema file."""
    model, where = SCHEMAS[name]
    # As written: fields that have a default are always there, which is what a reader may rely on.
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": where}
    return json.dumps(document | model.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in SCHEMAS:
        (FOLDER / name).write_text(schema(name), encoding="utf-8")
        print(f"wrote docs/schemas/{name}")
