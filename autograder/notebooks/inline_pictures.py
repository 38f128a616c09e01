"""Pictures that stand in a Markdown cell as data: a release's drawings, and what editors paste.

Jupyter shows them; our pages and formgrader show a picture's description. The data are taken out before anything is
parsed or cut to a length, so that a reader never meets a wall of base64 and the text behind it is not lost.
"""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_ALT = re.compile(r"""\balt=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_PICTURE = re.compile(r"(!\[[^\[\]\n]{0,2000}\])\(data:image/[^()\s]*\)", re.IGNORECASE)
_DATA = re.compile(r"""\bsrc=["']?data:image/""", re.IGNORECASE)
_IN_LABEL = re.compile(r"[\\\[\]]")


def without_data(text: str) -> str:
    """Return Markdown in which a picture given as data is one of Markdown's own: its description, and no data."""
    if "data:image/" not in text.lower():
        return text
    return _PICTURE.sub(r"\1(picture)", _TAG.sub(_described, text))


def _described(tag: re.Match[str]) -> str:
    if not _DATA.search(tag[1]):
        return tag[0]
    found = _ALT.search(tag[1])
    label = " ".join(html.unescape((found[1] or found[2] or "") if found else "").split())
    return f"![{_IN_LABEL.sub(lambda special: chr(92) + special[0], label)}](picture)"
