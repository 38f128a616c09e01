"""The documentation shows the layouts that the other tests build: their table, and a tree of each."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from tests.submissions.class_folders import CHANNELS, PEOPLE, ZONE, notebook

DOCS = Path(__file__).resolve().parents[2] / "docs"
WHEN = datetime(2026, 10, 12, 19, 4, 33, tzinfo=UTC)
TWO = {person: {"blocks.ipynb": notebook("x"), "weights.safetensors": b"w"} for person in PEOPLE[:2]}


def table() -> str:
    rows = ["| platform | recognised by | whose it is | when it came in | example |", "|---|---|---|---|---|"]
    for channel in CHANNELS:
        example = trees(channel.key)[0].replace("|", "\\|")
        rows.append(
            f"| {channel.platform} | {channel.recognised} | {channel.identified} | {channel.time} | `{example}` |"
        )
    return "\n".join(rows)


def trees(key: str) -> list[str]:
    """Paths of a class folder of two students, the notebooks first."""
    import tempfile

    channel = next(channel for channel in CHANNELS if channel.key == key)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        channel.build(root, TWO, WHEN.astimezone(ZONE))
        paths = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    if channel.key == "zips":
        paths = [f"{path}  (holds blocks.ipynb, weights.safetensors)" for path in paths]
    return sorted(paths, key=lambda path: not path.endswith(".ipynb"))


def all_trees() -> str:
    parts = []
    for channel in CHANNELS:
        lines = "\n".join(f"    {path}" for path in sorted(trees(channel.key)))
        parts.append(f"### {channel.platform}\n\n{lines}\n")
    return "\n".join(parts).rstrip()


def between(file: str, name: str) -> str:
    text = (DOCS / file).read_text(encoding="utf-8")
    found = re.search(
        rf"<!-- {name}: made by tests/submissions/test_layout_docs.py -->\n(.*?)\n<!-- end -->", text, re.DOTALL
    )
    assert found is not None, f"docs/{file} has no part '{name}'"
    return found[1].strip()


def test_the_table_is_what_the_tests_build() -> None:
    assert between("operator.md", "layouts") == table()


def test_the_trees_are_what_the_tests_build() -> None:
    assert between("submissions.md", "trees") == all_trees()


if __name__ == "__main__":
    for file, name, made in (("operator.md", "layouts", table()), ("submissions.md", "trees", all_trees())):
        path = DOCS / file
        begin, end = f"<!-- {name}: made by tests/submissions/test_layout_docs.py -->\n", "\n<!-- end -->"
        before, _, rest = path.read_text(encoding="utf-8").partition(begin)
        path.write_text(before + begin + made + end + rest.partition(end)[2], encoding="utf-8")
