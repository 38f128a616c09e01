"""Markdown of students, parsed and written again from an allow-list, for renderers that sanitise nothing.

nbgrader's formgrader turns a notebook's Markdown into HTML as it is, in a session that may change grades. Patterns that
look for what is dangerous miss forms of it (a link's definition in a quote, an entity in its scheme). So the text is
parsed, and what comes out is written from what is allowed: paragraphs, headings, lists, quotes, code, tables, formulas,
emphasis, links to http, https and mailto, and pictures that were handed in with the cell. Everything else is text. A
reader sees the same; the spelling of the Markdown may be another.

Formulas and code are written as they are, and renderers differ in where those begin and end (to one, a `$` behind a
backslash ends no formula). So in them what would join a link's two parts is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from autograder.notebooks.inline_pictures import without_data

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

LONGEST = 60_000  # characters of a cell that is parsed; a longer one is shown as typed
DEEPEST = 100  # levels of lists, quotes, emphasis and the like in each other; a deeper one is shown as typed
_CACHED, _CACHED_LENGTH = 512, 6_000  # cells, and characters of each
_SCHEMES = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_FRAGMENT = re.compile(r"#[A-Za-z0-9_.-]*")
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$]")
_LINE_START = re.compile(r"^(\s*)(?:(\d{1,9})([.)])|([-+=#>]))", re.MULTILINE)
_TAG_OPEN = re.compile(r"<(?=[A-Za-z/!?])")
_MATH_COMMAND = re.compile(r"\\(?=(?:href|url|require|style|class|cssId|data|html\w*|includegraphics|unicode)\b)")
_WORD_JOINER = "\u2060"  # invisible, and ends what would have become a tag or a link
_LINK_JOINT = re.compile(r"\](?=[(\[:])")


def harmless_markdown(text: str) -> str:
    """Return Markdown that no renderer turns into an HTML tag, an active link or a request; it reads the same."""
    return harmless_cell(text, {})[0]


def harmless_cell(text: str, pictures: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the text of a cell and the pictures it shows, by the names that it calls them now.

    pictures: PNG images as base64, by the names of the attachments. One that is missing, or of another kind, which
    would make nbgrader's page fail, is named instead.
    """
    # A lone surrogate is no text: it cannot be written to a file, and makes a renderer fail that quotes a link.
    text = without_data(text.encode("utf-8", "replace").decode())
    if len(text) > LONGEST:
        return _locked(_fenced(text)), {}
    if not pictures and len(text) <= _CACHED_LENGTH:
        return _cached(text), {}
    return _written(text, pictures)


@lru_cache(maxsize=_CACHED)
def _cached(text: str) -> str:
    """Return a cell without pictures. The course's own cells are the same in every notebook: half of the time that it
    took to write what people read of a submission went into them.
    """
    return _written(text, {})[0]


def _written(text: str, pictures: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    from markdown_it.tree import SyntaxTreeNode

    tokens = _parser().parse(text.replace("\0", ""))
    if _depth(tokens) > DEEPEST:
        return _locked(_fenced(text)), {}
    writer = _MarkdownWriter(pictures)
    written = writer.blocks(SyntaxTreeNode(tokens))
    return _locked(written), writer.shown


def _depth(tokens: Sequence[Token]) -> int:
    """Return how many levels there are. The parser bounds those of blocks and brackets, and not those of emphasis."""
    level = deepest = 0
    for token in tokens:
        level += token.nesting
        deepest = max(deepest, level + _depth(token.children or ()))
    return deepest


def _locked(text: str) -> str:
    """Return a second lock, should a renderer read the result otherwise than we do."""
    return _MATH_COMMAND.sub("", _TAG_OPEN.sub(f"<{_WORD_JOINER}", text))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    return parser.use(dollarmath_plugin, allow_space=True, double_inline=True)


class _MarkdownWriter:
    """Writes a parsed cell. `shown`: new name -> picture."""

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self._pictures = pictures
        self.shown: dict[str, str] = {}

    def blocks(self, node: SyntaxTreeNode) -> str:
        return "\n\n".join(filter(None, map(self._block, node.children)))

    def _block(self, node: SyntaxTreeNode) -> str:
        kind = node.type
        if kind == "heading":
            return f"{'#' * int(node.tag[1:])} {self._inlines(node).replace(chr(10), ' ')}"
        if kind == "blockquote":
            return _indented(self.blocks(node), "> ", "> ")
        if kind in ("bullet_list", "ordered_list"):
            first = int(node.attrs.get("start", 1)) if kind == "ordered_list" else 0
            items = [
                _indented(self.blocks(item), "- " if kind == "bullet_list" else f"{first + number}. ", "    ")
                for number, item in enumerate(node.children)
            ]
            return "\n".join(items)
        if kind in ("fence", "code_block"):
            language = re.match(r"[A-Za-z0-9_+-]{0,20}", node.info)
            return _fenced(node.content.removesuffix("\n"), language[0] if language else "")
        if kind == "hr":
            return "---"
        if kind == "table":
            return self._table(node)
        if kind in ("math_block", "math_block_label"):
            return f"$${_formula(node.content)}$$" if "$$" not in node.content else _escaped(node.content)
        if node.children:
            return _line_starts(self._inlines(node))
        return _escaped(node.content) if node.content else ""

    def _table(self, node: SyntaxTreeNode) -> str:
        rows = [
            [self._inlines(cell).replace("\n", " ") for cell in row.children]
            for part in node.children
            for row in part.children
        ]
        lines = [f"| {' | '.join(cells)} |" for cells in rows]
        lines.insert(1, f"|{'---|' * len(rows[0])}")
        return "\n".join(lines)

    def _inlines(self, node: SyntaxTreeNode) -> str:
        written = ""
        for piece in map(self._inline, node.children):
            if piece.startswith("[") and written.endswith("!"):
                written = f"{written[:-1]}\\!"  # or the text before would make a picture of the link
            written += piece
        return written

    def _inline(self, node: SyntaxTreeNode) -> str:
        kind = node.type
        if kind in ("softbreak", "hardbreak"):
            return "\n" if kind == "softbreak" else "  \n"
        if kind in ("strong", "em", "s"):
            mark, inside = {"strong": "**", "em": "*", "s": "~~"}[kind], self._inlines(node)
            return f"{mark}{inside}{mark}" if inside.strip() == inside and inside else inside
        if kind == "code_inline":
            return _code(node.content)
        if kind in ("math_inline", "math_inline_double"):
            mark = "$" if kind == "math_inline" else "$$"
            return f"{mark}{_formula(node.content)}{mark}"
        if kind == "link":
            return self._link(str(node.attrs.get("href", "")), self._inlines(node))
        if kind == "image":
            return self._picture(str(node.attrs.get("src", "")), node.content)
        if node.children:
            return self._inlines(node)
        return _escaped(node.content)

    def _link(self, target: str, label: str) -> str:
        plain = re.sub(r"[\x00-\x20\x7f-\x9f]", "", target)
        if not (_SCHEMES.match(plain) or _FRAGMENT.fullmatch(plain)):
            return label
        return f"[{label}]({quote(plain, safe=chr(37) + ':/?#@!&=+,;~*.-_')})"

    def _picture(self, source: str, alternative: str) -> str:
        label = _escaped(alternative.replace("\n", " "))
        name = unquote(source.removeprefix("attachment:"))
        if not source.startswith("attachment:") or name not in self._pictures:
            return f"\\[picture {label} cannot be shown here\\]".replace("picture  ", "picture ")
        new = f"picture-{1 + list(self._pictures).index(name)}.png"
        self.shown[new] = self._pictures[name]
        return f"![{label}](attachment:{new})"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text.replace("&", "&amp;"))


def _line_starts(text: str) -> str:
    """Return a line of a paragraph that would begin a list, a quote or a heading."""
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2] or ''}\\{found[3] or found[4]}", text)


def _formula(text: str) -> str:
    """Return a formula in which no renderer finds a link, should it think that the formula ends elsewhere."""
    return _LINK_JOINT.sub("] ", text)  # TeX reads over a space


def _typed(text: str) -> str:
    """Return code in which no renderer finds a link, should it think that the code begins or ends elsewhere."""
    return _LINK_JOINT.sub(f"]{_WORD_JOINER}", text)


def _code(text: str) -> str:
    text = _typed(text)
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _fenced(text: str, language: str = "") -> str:
    text = _typed(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{ticks}{language}\n{text}\n{ticks}"


def _indented(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join([f"{first}{lines[0]}".rstrip(), *(f"{others}{line}".rstrip() for line in lines[1:])])
