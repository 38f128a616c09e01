"""Outputs of untrusted notebooks and of the sandbox: brought into nbformat 4 form, bounded, harmless to show.

Only plain text and checked PNG images are kept. HTML, SVG, JavaScript, LaTeX and Markdown outputs become their
text, because nbgrader's formgrader renders an autograded notebook unsanitised, with a teacher's session.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.notebooks.png import ImageRefused, checked_png

MAX_TEXT = 64 << 10  # characters of one output
MAX_OUTPUTS = 100  # in one cell
_RICH = {
    "text/html": "HTML",
    "image/svg+xml": "an SVG image",
    "application/javascript": "JavaScript",
    "image/jpeg": "a JPEG image",
    "application/pdf": "a PDF",
}
_AS_TEXT = ("text/plain", "text/markdown", "text/latex")


def clean_outputs(outputs: Any) -> tuple[dict[str, Any], ...]:
    """Return nbformat 4 outputs that hold nothing but text and PNG; `outputs` may be anything at all, of nbformat 3
    or 4."""
    if not isinstance(outputs, (list, tuple)):
        return ()
    cleaned = [found for output in outputs[:MAX_OUTPUTS] if (found := _clean(output)) is not None]
    if len(outputs) > MAX_OUTPUTS:
        cleaned.append(stream(f"[{len(outputs) - MAX_OUTPUTS} more outputs are not shown]\n"))
    return tuple(cleaned)


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """Return a stream output."""
    return {"output_type": "stream", "name": name, "text": text}


def text_of(value: Any) -> str | None:
    """Return nbformat's text: a string, or a list of strings to be joined; line ends become "\\n". None for anything
    else.
    """
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        value = "".join(value)
    if not isinstance(value, str):
        return None
    return well_formed(value.replace("\r\n", "\n").replace("\r", "\n"))


def well_formed(text: str) -> str:
    """Return `text` with half surrogate pairs replaced, so that it can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _clean(output: Any) -> dict[str, Any] | None:
    if not isinstance(output, Mapping):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = output.get("name", output.get("stream"))
        return stream(_cut(text_of(output.get("text")) or ""), "stderr" if name == "stderr" else "stdout")
    if kind in ("error", "pyerr"):
        trace = output.get("traceback")
        lines = [_cut(line) for line in trace if isinstance(line, str)][:60] if isinstance(trace, list) else []
        return {
            "output_type": "error",
            "ename": _cut(text_of(output.get("ename")) or "Error", 200),
            "evalue": _cut(text_of(output.get("evalue")) or "", 4000),
            "traceback": _within(lines),
        }
    if kind in ("execute_result", "display_data", "pyout"):
        data = output.get("data")
        shown = _clean_data(data if isinstance(data, Mapping) else _version_3_data(output))
        cleaned: dict[str, Any] = {"output_type": "display_data", "data": shown, "metadata": {}}
        if kind != "display_data":
            cleaned["output_type"] = "execute_result"
            count = output.get("execution_count", output.get("prompt_number"))
            cleaned["execution_count"] = count if type(count) is int and 0 <= count < 2**31 else None
        return cleaned if shown else None
    return None


def _version_3_data(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return an output's data, which nbformat 3 keeps beside its type, under short names."""
    names = {
        "text": "text/plain",
        "png": "image/png",
        "html": "text/html",
        "svg": "image/svg+xml",
        "latex": "text/latex",
        "jpeg": "image/jpeg",
        "javascript": "application/javascript",
    }
    return {names[key]: value for key, value in output.items() if key in names}


def _clean_data(data: Mapping[str, Any]) -> dict[str, str]:
    shown: dict[str, str] = {}
    if "image/png" in data:
        image = png_text(data["image/png"])
        if image is not None:
            shown["image/png"] = image
    for kind in _AS_TEXT:
        text = text_of(data.get(kind))
        if text:
            shown["text/plain"] = _cut(text)
            break
    if not shown:
        names = [name for kind, name in _RICH.items() if kind in data]
        if "image/png" in data:
            names.append("an image that is broken or too large")
        if names:
            shown["text/plain"] = f"[{', '.join(names)}: not shown here]"
    return shown


def png_text(value: Any) -> str | None:
    """Return the base64 of a harmless PNG on one line; None for anything else."""
    try:
        return base64.b64encode(checked_png(value).data).decode("ascii")
    except ImageRefused:
        return None


def _cut(text: str, limit: int = MAX_TEXT) -> str:
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\n[... {len(text) - limit} characters left out ...]\n{text[-limit // 2 :]}"


def _within(lines: Iterable[str], limit: int = MAX_TEXT) -> list[str]:
    kept: list[str] = []
    for line in lines:
        limit -= len(line)
        if limit < 0:
            kept.append("[... left out ...]")
            break
        kept.append(line)
    return kept
