"""The documentation as a site: every page is in the menu, and the tables of files say what the schemas say."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SPEC = importlib.util.spec_from_file_location("site_hook", ROOT / "docs/site_hook.py")
assert _SPEC is not None
hook = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hook)


def test_every_page_is_in_the_menu() -> None:
    menu = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2]))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if not page.startswith("decisions/")} == menu - {"index.md"}


@pytest.mark.parametrize("name", ["result", "evidence", "event"])
def test_every_field_of_a_schema_has_its_line(name: str) -> None:
    schema = json.loads((ROOT / f"docs/schemas/{name}.schema.json").read_text())
    table = hook.schema_table(name)
    assert f"<!-- schema: {name} -->" in (ROOT / "docs/reference/files.md").read_text()
    for part in (schema, *schema.get("$defs", {}).values()):
        for field in part.get("properties", {}):
            assert f"| `{field}` |" in table
    for target in re.findall(r"\]\(#(\w+)\)", table):
        assert f"### {target}\n".lower() in table.lower()
