"""Python source as HTML, one element a line so that lines carry their numbers.

Starter cells are the same in every submission, so what was highlighted once is kept (bounded: `_CACHED` sources of
at most `_CACHED_LENGTH` characters). Cells with odd content are shown plain: colour is never worth a slow page.
"""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.pages.text import clean

LIMIT = 100_000  # characters of one cell on the page
_COLOURED_LENGTH = 20_000
_CACHED_LENGTH = 6_000
_CACHED = 512


def highlight_lines(source: object, *, plain: bool = False) -> tuple[Markup, ...]:
    """Return each line of `source` as safe HTML, without colours if `plain`. Its length is bounded; the last line
    says so.
    """
    text = clean(source, LIMIT)
    if plain:
        return tuple(escape(line) for line in text.split("\n"))
    if len(text) <= _CACHED_LENGTH:
        return _cached(text)
    return _coloured(text) if len(text) <= _COLOURED_LENGTH else tuple(escape(line) for line in text.split("\n"))


def _coloured(text: str) -> tuple[Markup, ...]:
    lexer, formatter = _pygments()
    # pygments closes every span at the end of a line, and escapes <, >, &, " and '.
    parts: list[str] = []
    formatter.format(lexer.get_tokens(text), _Sink(parts))
    lines = "".join(parts).removesuffix("\n").split("\n")
    return tuple(Markup(line) for line in lines)


@lru_cache(maxsize=1)
def _pygments() -> tuple[PythonLexer, HtmlFormatter[str]]:
    """Both are stateless once made, and a formatter takes milliseconds to make."""
    return PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True, classprefix="h-")


_cached = lru_cache(maxsize=_CACHED)(_coloured)


class _Sink:
    """The file that pygments writes to."""

    def __init__(self, parts: list[str]) -> None:
        self.write = parts.append
