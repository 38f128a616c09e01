"""One student's page, and how templates are loaded.

A page is one file that asks for nothing: styles inside, pictures as data, no script at all. Its policy
(`Content-Security-Policy`) forbids whatever it does not need, so that even a mistake in escaping runs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.feedback.options import FeedbackOptions, OurOutputs, SubmittedNotebook
from autograder.feedback.view import page_view
from autograder.records import Result

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
        loader=PackageLoader("autograder.feedback", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["spans"] = code_spans
    style = (resources.files("autograder.feedback") / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return Templates(environment, Markup(style), policy)


def code_spans(text: str) -> Markup:
    """Text with `code` between backticks as <code>; all of it is escaped, and a lone backtick stays."""
    parts = _SPAN.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))


def render_feedback(
    result: Result,
    notebook: SubmittedNotebook | None,
    ours: OurOutputs = (),
    *,
    options: FeedbackOptions | None = None,
) -> str:
    """The page of one submission as one self-contained HTML document.

    `notebook` is what was handed in (None where it could not be read); `ours` are the outputs of its cells when they
    were run for grading. Both are untrusted. What may be shown is decided in `autograder.feedback.view`.
    """
    page = page_view(result, notebook, ours, options or FeedbackOptions())
    return templates().render("page.html", page=page)
