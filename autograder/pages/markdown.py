"""Markdown cells as HTML: what Markdown makes passes an allow-list, and of raw HTML only a few harmless tags count.

Two independent locks on purpose: the parser makes tokens of the tags in `_INLINE` and of folded hints
(`<details>`, `<summary>`) only where they carry no attribute, and shows any other tag as text; bleach would remove
what escaped that. Images are not loaded (a page makes no request); their description is shown instead. Formulas are
set as MathML when the page is made (`autograder.pages.formulas`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from functools import lru_cache

import bleach
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.notebooks.inline_pictures import without_data
from autograder.pages.formulas import formula
from autograder.pages.text import clean

LIMIT = 40_000  # characters of one cell on the page
_RENDERED_LENGTH = 12_000
_CACHED_LENGTH = 6_000
_CACHED = 512

_INLINE = ("code", "i", "b", "em", "strong", "sub", "sup", "kbd", "br", "u")
_TAGS = frozenset(
    {"p", "h3", "s", "pre", "blockquote", "ul", "ol", "li", "hr", "a", "details", "summary", *_INLINE}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_EMPTY_HEADING = re.compile(r'<h3 class="md-\d">\s*</h3>')
_HEADINGS = frozenset(f"md-{level}" for level in range(1, 7))
_INLINE_TAG = re.compile(rf"<(/?)({'|'.join(_INLINE)})>", re.IGNORECASE)
_FOLD = re.compile(r"<details>\s*(?:<summary>(.*?)</summary>)?(.*)", re.IGNORECASE)
_FOLD_END = re.compile(r"(.*)</details>\s*", re.IGNORECASE)
_FORMULAS = 300  # of one cell


def render_markdown(source: object, *, plain: bool = False) -> Markup:
    """Return the cell as safe HTML. Headings all become h3, so that the outline of the page stays whole. `plain`: as
    typed.
    """
    text = clean(without_data(source) if isinstance(source, str) else source, LIMIT)
    if plain:
        return Markup("<pre>%s</pre>") % text
    if len(text) <= _CACHED_LENGTH:
        return _cached(text)
    return _rendered(text) if len(text) <= _RENDERED_LENGTH else Markup("<pre>%s</pre>") % text


def _rendered(text: str) -> Markup:
    parser, formulas = _parser(), _Formulas()
    html = parser.renderer.render(_tamed(parser.parse(text), formulas), parser.options, {})
    return formulas.put_into(_EMPTY_HEADING.sub("", _cleaner().clean(html)))


_cached = lru_cache(maxsize=_CACHED)(_rendered)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, double_inline=True)
    parser.block.ruler.before("paragraph", "fold", _fold, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.inline.ruler.before("autolink", "plain_tag", _plain_tag)
    return parser


def _fold(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Return `<details><summary>…</summary> … </details>`, on one line or on several; without its end it is text."""
    opening = _FOLD.match(_line(state, start))
    if opening is None or state.is_code_block(start):
        return False
    last = next((n for n in range(start, end) if _FOLD_END.fullmatch(_line(state, n))), None)
    if last is None:
        return False
    if silent:
        return True
    summary, first = opening[1], opening[2]
    inside = [first, *(_line(state, n) for n in range(start + 1, last + 1))]
    inside[-1] = (_FOLD_END.fullmatch(inside[-1]) or [""] * 2)[1]
    if summary is None and (found := re.match(r"\s*<summary>(.*?)</summary>", text := "\n".join(inside), re.I)):
        summary, inside = found[1], text[found.end() :].split("\n")
    state.push("fold_open", "details", 1)
    state.push("fold_summary_open", "summary", 1)
    token = state.push("inline", "", 0)
    token.content, token.children = (summary or "More").strip(), []
    state.push("fold_summary_close", "summary", -1)
    text = "\n".join(inside).strip()
    if text and state.level < 12:
        state.md.block.parse(text, state.md, state.env, state.tokens)
    state.push("fold_close", "details", -1)
    state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _plain_tag(state: StateInline, silent: bool) -> bool:
    """Return one of the harmless tags, without attributes."""
    found = _INLINE_TAG.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = found[0].lower()
    state.pos = found.end()
    return True


@lru_cache(maxsize=1)
def _cleaner() -> Cleaner:
    return bleach.Cleaner(tags=_TAGS, attributes=_allowed, protocols={"http", "https"}, strip=False)


def _allowed(tag: str, name: str, value: str) -> bool:
    return (
        (tag == "a" and name in {"href", "rel"})
        or (tag == "h3" and name == "class" and value in _HEADINGS)
        or (tag == "ol" and name == "start" and value.isdigit())
    )


class _Formulas:
    """The formulas of one cell, kept aside while bleach looks at the rest: an unguessable word holds their places."""

    def __init__(self) -> None:
        self._word = secrets.token_hex(8)
        self._made: list[Markup] = []

    def place(self, token: Token) -> Token:
        """Return the text that stands for the formula of a token."""
        if len(self._made) >= _FORMULAS:
            return Token("code_inline", "code", 0, content=token.content.strip())
        self._made.append(formula(token.content, block=token.type != "math_inline"))
        return Token("text", "", 0, content=f"{self._word}x{len(self._made) - 1}x")

    def put_into(self, html: str) -> Markup:
        """Return what bleach let through, with the formulas at their places."""
        parts = re.split(f"{self._word}x(\\d+)x", html)  # text, number, text, number, …
        return Markup("").join(self._made[int(part)] if i % 2 else Markup(part) for i, part in enumerate(parts))


def _tamed(tokens: Sequence[Token], formulas: _Formulas) -> list[Token]:
    """Bring headings to one level, images to their description, links to those that say where they lead."""
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
            token = formulas.place(token)
        elif token.type in {"math_block", "math_block_label"}:
            tamed += [Token("paragraph_open", "p", 1), formulas.place(token)]
            token = Token("paragraph_close", "p", -1)
        elif token.type == "image":
            token = Token("text", "", 0, content=f"[picture: {token.content or 'without a description'}]")
        if token.children is not None:
            token.children = _tamed(token.children, formulas)
        if token.type == "link_open":
            token.attrs = {"href": str(token.attrs.get("href", "")), "rel": "noopener noreferrer nofollow"}
        if token.type == "link_close" and tamed and tamed[-1].type == "link_open":
            tamed.append(Token("text", "", 0, content=str(tamed[-1].attrs["href"]) or "(empty link)"))
        tamed.append(token)
    return tamed
