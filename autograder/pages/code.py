"""Python source as HTML, one element a line so that lines carry their numbers.

Starter cells are the same in every submission, so what was highlighted once is kept (bounded: `_CACHED` sources of
at most `_CACHED_LENGTH` characters). Cells with odd content are shown plain: colour is never worth a slow page.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Literal, Name, Operator, Text

from autograder.pages.text import clean

if TYPE_CHECKING:
    from pygments.token import _TokenType

LIMIT = 100_000  # characters of one cell on the page
_COLOURED_LENGTH = 20_000
_CACHED_LENGTH = 6_000
_CACHED = 512
# What has a colour of its own (base.css). All else is plain: spans without a style were a third of a page.
_COLOURS = (
    (Keyword, Keyword), (Operator.Word, Keyword), (Literal.String, Literal.String), (Comment, Comment),
    (Literal.Number, Literal.Number), (Name.Function, Name.Function), (Name.Class, Name.Function),
    (Name.Decorator, Name.Function),
)  # fmt: skip


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
    formatter.format(((_colour(kind), value) for kind, value in lexer.get_tokens(text)), _Sink(parts))
    lines = "".join(parts).removesuffix("\n").split("\n")
    return tuple(Markup(line) for line in lines)


@cache
def _colour(kind: _TokenType) -> _TokenType:
    """Return the kind of token that stands for all kinds of its colour."""
    return next((shown for coloured, shown in _COLOURS if kind in coloured), Text)


@lru_cache(maxsize=1)
def _pygments() -> tuple[PythonLexer, HtmlFormatter[str]]:
    """Return lexer and formatter: stateless once made, and a formatter takes milliseconds to make."""
    return PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True, classprefix="h-")


_cached = lru_cache(maxsize=_CACHED)(_coloured)


class _Sink:
    """The file that pygments writes to."""

    def __init__(self, parts: list[str]) -> None:
        self.write = parts.append
