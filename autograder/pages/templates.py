"""How pages are drawn: one frame, style sheets, at most one script, and the policy that allows just that.

Every page of the package is a template in this folder that extends `base.html`. The environment escapes whatever a
template prints; styles and the script come from files of this folder, and their hashes stand in the page's
`Content-Security-Policy`, so that nothing else applies or runs even where escaping failed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

_SPAN = re.compile(r"`([^`\n]+)`")


def render(template: str, *, sheets: tuple[str, ...] = (), script: str = "", allows: str = "", **values: object) -> str:
    """Return the page that `template` makes of `values`, as one self-contained HTML document.

    Args:
        sheets: style sheets beside `base.css`, by file name.
        script: file name of the one script that the page may run; empty for none.
        allows: what its policy allows beyond styles, pictures in the page and that script.
    """
    style, policy = _style_and_policy(sheets, script)
    policy += f"; {allows}" if allows else ""
    code = Markup(_file(script)) if script else ""
    return _environment().get_template(template).render(style=style, policy=policy, script=code, **values)


def fragment(template: str, **values: object) -> str:
    """Return the piece of HTML that `template` makes of `values`, for a page that is somebody else's."""
    return _environment().get_template(template).render(**values).strip()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["spans"] = code_spans
    environment.filters["svg"] = lambda number: f"{number:.2f}".rstrip("0").rstrip(".")
    return environment


@lru_cache(maxsize=16)
def _style_and_policy(sheets: tuple[str, ...], script: str) -> tuple[Markup, str]:
    style = "".join(_file(name) for name in ("base.css", *sheets))
    policy = f"default-src 'none'; style-src {_hash(style)}; img-src data:; base-uri 'none'; form-action 'none'"
    if script:
        policy += f"; script-src {_hash(_file(script))}"
    return Markup(style), policy


@lru_cache(maxsize=16)
def _file(name: str) -> str:
    return (resources.files("autograder.pages") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def code_spans(text: str) -> Markup:
    """Return text with `code` between backticks as <code>; all of it is escaped, and a lone backtick stays."""
    parts = _SPAN.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))
