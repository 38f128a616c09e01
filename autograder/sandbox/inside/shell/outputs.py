"""What a cell prints and shows, collected as nbformat v4 outputs within a budget.

Every writer here is student code: it may print without end, show figures in a loop, overwrite a
progress bar a million times or hand over objects that lie about themselves. So memory is bounded
while the cell runs (a stream keeps its head and its tail), and what a cell may add to the notebook
is bounded when it ends.
"""

from __future__ import annotations

import base64
from typing import Any

from .streams import StreamText, plain_text

TEXT_TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml")
BINARY_TYPES = ("image/png", "image/jpeg")
MAX_OUTPUTS = 100  # displays in one cell


class Capture:
    """Collects the outputs of one cell at a time; remembers what is left for the notebook.

    `total_bytes` is the budget of the whole notebook, measured on the outputs' text and base64.
    One cell gets at most half of what is left, so that a flood leaves room for the cells after it.
    """

    def __init__(self, total_bytes: int) -> None:
        self.remaining = total_bytes
        self._entries: list[StreamText | dict[str, Any]] = []
        self._active = False
        self._clear_next = False
        self._allowance = 0
        self._left_out = 0

    def begin(self) -> None:
        self._entries = []
        self._active, self._clear_next = True, False
        self._allowance = self.remaining // 2
        self._left_out = 0

    @property
    def image_limit(self) -> int:
        """Return bytes of PNG that one more figure of this cell may have."""
        return self._allowance * 3 // 8

    def write(self, name: str, text: str) -> None:
        """Add to a stream. Outside a cell (threads, calls from tests) text is dropped."""
        if not self._active or not text:
            return
        self._apply_clear()
        # Between two displays there is one entry a stream, however often a progress bar on stderr and
        # prints on stdout alternate.
        for entry in reversed(self._entries):
            if not isinstance(entry, StreamText):
                break
            if entry.name == name:
                entry.write(text)
                return
        stream = StreamText(name, max(self._allowance // 2, 256))
        stream.write(text)
        self._entries.append(stream)

    def display(self, data: dict[str, Any], *, result: int | None = None, display_id: str | None = None) -> None:
        """Add a rich output; with `result` (an execution count) as the value of the cell."""
        if not self._active or not data:
            return
        self._apply_clear()
        bundle = self._bundle(data)
        shown = sum(isinstance(entry, dict) for entry in self._entries)
        if bundle is None or shown >= MAX_OUTPUTS:
            self._left_out += 1
            return
        output: dict[str, Any] = {"output_type": "display_data", "data": bundle, "metadata": {}}
        if result is not None:
            output = {"output_type": "execute_result", "data": bundle, "execution_count": result, "metadata": {}}
        if display_id is not None:
            output["_display_id"] = display_id
        self._entries.append(output)

    def update(self, data: dict[str, Any], display_id: str) -> None:
        """Replace the data of the outputs of this cell that were shown under `display_id`."""
        old = [e for e in self._entries if isinstance(e, dict) and e.get("_display_id") == display_id]
        for entry in old:
            self._allowance += sum(map(len, entry["data"].values()))
        bundle = self._bundle(data) if old else None
        for entry in old:
            entry["data"] = bundle if bundle is not None else {"text/plain": "[output left out: too large]"}

    def clear(self, wait: bool) -> None:
        """Clear what is shown, as clear_output() asks: now, or when the next output comes."""
        self._clear_next = True
        if not wait:
            self._apply_clear()

    def _apply_clear(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self._entries = []
            self._allowance = self.remaining // 2

    def end(self, error: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the cell's outputs; `error` (an nbformat error output) comes last."""
        self._active = False
        outputs: list[dict[str, Any]] = []
        for entry in self._entries:
            if isinstance(entry, StreamText):
                text = self._charge_text(plain_text(entry.text()))
                if text:
                    outputs.append({"output_type": "stream", "name": entry.name, "text": text})
                continue
            size = sum(len(value) for value in entry["data"].values())
            if size > self.remaining:
                self._left_out += 1
                continue
            self.remaining -= size
            entry.pop("_display_id", None)
            outputs.append(entry)
        self._entries = []
        if self._left_out:
            note = f"[{self._left_out} more outputs were left out: the notebook's output limit is reached]\n"
            outputs.append({"output_type": "stream", "name": "stderr", "text": note})
        if error is not None:
            outputs.append(error)
        return outputs

    def _charge_text(self, text: str) -> str:
        size = len(text.encode())
        if size > self.remaining:
            self._left_out += 1
            text = text.encode()[: self.remaining].decode("utf-8", "ignore")
            size = self.remaining
        self.remaining -= size
        return text

    def _bundle(self, data: dict[str, Any]) -> dict[str, str] | None:
        """Return the parts of a MIME bundle that a notebook keeps, within the cell's allowance."""
        bundle: dict[str, str] = {}
        for kind in (*TEXT_TYPES, *BINARY_TYPES):
            value = data.get(kind)
            if isinstance(value, (bytes, bytearray)):
                text = base64.b64encode(bytes(value)).decode("ascii")
            elif isinstance(value, str):
                text = plain_text(value)
            else:
                continue
            if kind == "text/plain" and len(text) > 20_000:
                text = f"{text[:10_000]}\n[... {len(text) - 20_000} characters left out ...]\n{text[-10_000:]}"
            if len(text) <= self._allowance // 2:
                bundle[kind] = text
                self._allowance -= len(text)
        return bundle or None
