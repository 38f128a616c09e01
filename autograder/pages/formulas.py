r"""TeX formulas as MathML, made when the page is made: a page asks for nothing, and browsers set MathML themselves.

`latex2mathml` does the translation. It copies what stands in \text{…} as it is, so what it returns is never put on a
page: it is parsed, and rebuilt from the elements and attributes that are listed here, with every text escaped.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from functools import lru_cache

from latex2mathml.converter import convert
from markupsafe import Markup, escape

LIMIT = 1_000  # characters of one formula; longer ones are shown as they were typed
_DEPTH = 40
_ELEMENTS = frozenset(
    {"math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msub", "msup", "msubsup", "mfrac", "msqrt", "mroot"}
    | {"mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose"}
)
_ATTRIBUTES = frozenset(
    {"display", "displaystyle", "scriptlevel", "stretchy", "fence", "separator", "form", "accent", "accentunder"}
    | {"movablelimits", "linethickness", "mathvariant", "columnalign", "rowspacing", "columnspacing", "notation"}
    | {"width", "height", "depth", "lspace", "rspace", "minsize", "maxsize"}
)
_VALUE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-+% ")


def formula(tex: str, *, block: bool = False) -> Markup:
    """Return `tex` as MathML; as code where it is no formula that can be set."""
    return _cached(tex.strip(), block)


@lru_cache(maxsize=1024)
def _cached(tex: str, block: bool) -> Markup:
    typed = Markup('<code class="math">{}</code>').format(tex)
    if not tex or len(tex) > LIMIT:
        return typed
    try:
        made = _rebuilt(ElementTree.fromstring(convert(tex, display="block" if block else "inline")), 0)
    except Exception:  # noqa: BLE001 - whatever the library makes of a student's text, the page shows it as typed
        return typed
    # a name for what assistive technology does not read as MathML, and for copying
    return Markup('<span class="{}" title="{}">{}</span>').format("formula block" if block else "formula", tex, made)


def _rebuilt(element: ElementTree.Element, depth: int) -> Markup:
    """Return the element, copied by the allow-lists. Raises ValueError on anything else."""
    tag = element.tag.rpartition("}")[2]
    if tag not in _ELEMENTS or depth > _DEPTH:
        raise ValueError(tag)
    given = [
        Markup(' {}="{}"').format(name, value)
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and set(value) <= _VALUE
    ]
    inner = [escape(element.text or "")]
    for child in element:
        inner += [_rebuilt(child, depth + 1), escape(child.tail or "")]
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), Markup("").join(given), Markup("").join(inner))
