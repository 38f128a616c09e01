"""Markdown cells as HTML: raw HTML is shown as text, and what Markdown makes passes an allow-list as well.

Two independent locks on purpose: markdown-it never emits what a student wrote as HTML, and bleach would remove it
if it did. Images are not loaded (a page makes no request); their description is shown instead. Formulas stay as they
were typed, since setting them would take a script.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import bleach
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.pages.text import clean

LIMIT = 40_000  # characters of one cell on the page
_RENDERED_LENGTH = 12_000
_CACHED_LENGTH = 6_000
_CACHED = 512

_TAGS = frozenset(
    {"p", "h3", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "br", "a"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_EMPTY_HEADING = re.compile(r'<h3 class="md-\d">\s*</h3>')
_HEADINGS = frozenset(f"md-{level}" for level in range(1, 7))


def render_markdown(source: object, *, plain: bool = False) -> Markup:
    """The cell as safe HTML. Headings all become h3, so that the outline of the page stays whole. `plain`: as typed."""
    text = clean(source, LIMIT)
    if plain:
        return Markup("<pre>%s</pre>") % text
    if len(text) <= _CACHED_LENGTH:
        return _cached(text)
    return _rendered(text) if len(text) <= _RENDERED_LENGTH else Markup("<pre>%s</pre>") % text


def _rendered(text: str) -> Markup:
    parser = _parser()
    html = parser.renderer.render(_tamed(parser.parse(text)), parser.options, {})
    return Markup(_EMPTY_HEADING.sub("", _cleaner().clean(html)))


_cached = lru_cache(maxsize=_CACHED)(_rendered)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, double_inline=True)
    return parser


@lru_cache(maxsize=1)
def _cleaner() -> Cleaner:
    return bleach.Cleaner(tags=_TAGS, attributes=_allowed, protocols={"http", "https"}, strip=False)


def _allowed(tag: str, name: str, value: str) -> bool:
    return (
        (tag == "a" and name in {"href", "rel"})
        or (tag == "h3" and name == "class" and value in _HEADINGS)
        or (tag == "code" and name == "class" and value == "math")
        or (tag == "ol" and name == "start" and value.isdigit())
    )


def _formula(token: Token) -> Token:
    return Token("code_inline", "code", 0, content=token.content.strip(), attrs={"class": "math"})


def _tamed(tokens: Sequence[Token]) -> list[Token]:
    """Headings to one level, images to their description, links to those that say where they lead."""
    tamed: list[Token] = []
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.attrs = {"class": f"md-{token.tag[1]}"} if token.nesting == 1 else {}
            token.tag = "h3"
        elif token.type == "fence":
            token.info = ""  # no class from the student
        elif token.type in {"th_open", "td_open"}:
            token.attrs = {}
        elif token.type in {"math_inline", "math_inline_double"}:
            token = _formula(token)
        elif token.type in {"math_block", "math_block_label"}:
            tamed += [Token("paragraph_open", "p", 1), _formula(token)]
            token = Token("paragraph_close", "p", -1)
        elif token.type == "image":
            token = Token("text", "", 0, content=f"[picture: {token.content or 'without a description'}]")
        if token.children is not None:
            token.children = _tamed(token.children)
        if token.type == "link_open":
            token.attrs = {"href": str(token.attrs.get("href", "")), "rel": "noopener noreferrer nofollow"}
        if token.type == "link_close" and tamed and tamed[-1].type == "link_open":
            tamed.append(Token("text", "", 0, content=str(tamed[-1].attrs["href"]) or "(empty link)"))
        tamed.append(token)
    return tamed
