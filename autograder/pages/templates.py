"""How pages are drawn: templates, the style sheet, and the policy that allows just that."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Templates:
    """The compiled templates with the style sheet and the policy that allows just that."""

    environment: Environment
    style: Markup
    policy: str

    def render(self, name: str, **values: object) -> str:
        return self.environment.get_template(name).render(style=self.style, policy=self.policy, **values)


@lru_cache(maxsize=1)
def templates() -> Templates:
    """Read and compiled once a process; constant thereafter."""
    environment = Environment(
        loader=PackageLoader("autograder.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["spans"] = code_spans
    style = (resources.files("autograder.pages") / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return Templates(environment, Markup(style), policy)


def code_spans(text: str) -> Markup:
    """Text with `code` between backticks as <code>; all of it is escaped, and a lone backtick stays."""
    parts = _SPAN.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))
