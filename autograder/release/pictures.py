"""Pictures of a master's text go into its notebook: nobody has to hand in, open or lose a further file.

`![a description](idea.svg)` in a Markdown cell names a file beside the master. What students get holds the picture
itself as a `data:` address, in an `<img>`: Jupyter, Colab, VS Code and nbconvert show it so, while several of them
refuse such an address in Markdown's own form if it is an SVG.
"""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

_LINK = re.compile(r"!\[([^\]\n]*)\]\(([\w-]+(?:\.[\w-]+)*\.(svg|png))\)")
_NAMED = re.compile(r"(!\[[^\]\n]*\]\()(?=[\w-]+(?:\.[\w-]+)*\.(?:svg|png)\))")
_KINDS = {"svg": "image/svg+xml", "png": "image/png"}
MOST_BYTES = 64 << 10


class PictureError(Exception):
    """A picture cannot be put into a notebook; the message says which and why."""


def with_pictures(source: str, folder: Path) -> str:
    """Return Markdown with the pictures of `folder` in it. Raises PictureError."""

    def image(found: re.Match[str]) -> str:
        address = _address(folder / found[2], _KINDS[found[3]])
        return f'<img alt="{html.escape(found[1])}" src="{address}">'

    return _LINK.sub(image, source)


def left_as_files(source: str) -> str:
    """Return Markdown whose pictures stay files beside the notebook: what was made elsewhere hands them out."""
    return _NAMED.sub(r"\g<1>./", source)


def _address(path: Path, kind: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"found the picture {path.name!r}, which cannot be read ({error.strerror}), expected a file "
                           "beside the master") from error  # fmt: skip
    if len(data) > MOST_BYTES:
        raise PictureError(f"found {len(data) >> 10} KiB in {path.name!r}, expected at most {MOST_BYTES >> 10} KiB")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
