"""What the site adds to the pages while it is built: the front page, decisions in the menu, tables of the schemas."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
ROOT = DOCS.parent
_SCHEMA = re.compile(r"^<!-- schema: (\w+) -->$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
_README = re.compile(r"\]\(docs/([^)\s]*)\)")


def on_files(files: Any, config: Any) -> Any:
    """Make the README the front page, and a page that leads to the decisions."""
    from mkdocs.structure.files import File

    text = _README.sub(r"](\1)", (ROOT / "README.md").read_text(encoding="utf-8"))
    files.append(File.generated(config, "index.md", content=text.replace('src="docs/', 'src="')))
    listed = "\n".join(f"- [{_title(path)}]({path.name})" for path in _decisions())
    files.append(
        File.generated(config, "decisions/index.md", content=f"# Decisions\n\nWhat was decided, and why.\n\n{listed}\n")
    )
    return files


def on_config(config: Any) -> Any:
    """Add the decisions to the menu, in the order of their titles."""
    pages = [{_title(path): f"decisions/{path.name}"} for path in _decisions()]
    config.nav.append({"Decisions": ["decisions/index.md", *pages]})
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Write the tables of schemas; what a link names outside the docs is a file of the repository, shown as its path.

    A link to a file that is not there stays a link, so that the strict build refuses it.
    """
    here = posixpath.dirname(page.file.src_uri)

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join("docs", here, match[1]))
        if ":" in match[1] or target.startswith("docs/") or not (ROOT / target).exists():
            return match[0]
        return f"] (`{target}`)" if target != "README.md" else f"]({posixpath.relpath('index.md', here or '.')})"

    markdown = markdown.replace("](decisions/)", "](decisions/index.md)")
    text = _SCHEMA.sub(lambda match: schema_table(match[1]), markdown)
    if page.file.src_uri == "index.md":  # what it names lies in the repository, beside docs/
        return re.sub(
            _LINK, lambda m: f"] (`{m[1]}`)" if ":" not in m[1] and files.get_file_from_path(m[1]) is None
            and (ROOT / m[1]).exists() else m[0], text,
        )  # fmt: skip
    return _LINK.sub(link, text)


def schema_table(name: str) -> str:
    """Return Markdown tables of one schema of docs/schemas: its own fields, and those of each part."""
    schema = json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    parts = {"": schema, **schema.get("$defs", {})}
    return "\n\n".join(_part(title, part, parts) for title, part in parts.items() if part.get("properties"))


def _part(title: str, part: dict[str, Any], parts: dict[str, Any]) -> str:
    required = set(part.get("required", ()))
    rows = []
    for field, value in part["properties"].items():
        always, meaning = "yes" if field in required else "", _line(value.get("description", ""))
        rows.append(f"| `{field}` | {_kind(value, parts)} | {always} | {meaning} |")
    head = f"### {title}\n\n" if title else ""
    said = f"{_line(part['description'])}\n\n" if part.get("description") else ""
    return f"{head}{said}| field | kind | always there | meaning |\n|---|---|---|---|\n" + "\n".join(rows)


def _kind(value: dict[str, Any], parts: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        if not parts[name].get("properties"):  # a choice of words has no table
            return _kind(parts[name], parts)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_kind(one, parts) for one in value["anyOf"])
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    kind = str(value.get("format") or value.get("type", "any"))
    if kind == "array":
        items = value.get("items") or {}
        return f"list of {_kind(items, parts)}" if items else "list"
    return kind


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _decisions() -> list[Path]:
    return sorted((DOCS / "decisions").glob("*.md"), key=_title)


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()
