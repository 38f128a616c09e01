"""The page of `autograder validate`: which hidden test caught which wrong variant."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from autograder.records import TestOutcome, TestStatus
from autograder.validate import Validation, Verdict

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--bad:#cf222e}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}
table{border-collapse:collapse}.scroll{overflow-x:auto}
th,td{border-bottom:1px solid var(--line);padding:.2rem .5rem;text-align:left}
td.cell{text-align:center}thead th.variant{writing-mode:vertical-rl;transform:rotate(180deg);font-weight:500}
tr.question th{padding-top:1rem}.good{color:var(--good)}.bad{color:var(--bad)}.faint{opacity:.35}
code{font-size:.92em}caption{text-align:left;padding:.5rem 0}
"""
_MARK = {
    TestStatus.PASSED: ("·", "faint", "passed"),
    TestStatus.FAILED: ("●", "good", "failed"),
    TestStatus.ERROR: ("▲", "good", "error"),
    TestStatus.TIMEOUT: ("◆", "good", "timeout"),
    TestStatus.NOT_RUN: ("○", "bad", "not run"),
}


def render_kill_matrix(validation: Validation) -> str:
    """One self-contained HTML document."""
    title = f"Hidden tests of {validation.assignment.name}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
        f"{_headline(validation)}{''.join(_problem_list(validation))}{_matrix(validation)}{_cases(validation)}</html>\n"
    )


def _headline(validation: Validation) -> str:
    counts = {kind: sum(v.case.kind == kind for v in validation.verdicts) for kind in ("right", "wrong")}
    state = '<strong class="good">All is as it must be.</strong>' if validation.ok else (
        '<strong class="bad">Not as it must be.</strong>'
    )  # fmt: skip
    idle = ", ".join(f"<code>{escape(test)}</code>" for test in validation.catch_nothing)
    return (
        f"<p>{state} {len(validation.catches)} tests, {counts['right']} right and {counts['wrong']} wrong variants.</p>"
        + (f"<p>These tests caught no wrong variant: {idle}.</p>" if idle else "")
    )


def _problem_list(validation: Validation) -> Iterator[str]:
    found = [("suite", problem) for problem in validation.problems]
    found += [(verdict.case.name, problem) for verdict in validation.verdicts for problem in verdict.problems]
    if found:
        yield '<h2>What is off</h2><ul class="problems">'
        yield from (f"<li><code>{escape(name)}</code>: {escape(problem)}</li>" for name, problem in found)
        yield "</ul>"


def _matrix(validation: Validation) -> str:
    wrong = [verdict for verdict in validation.verdicts if verdict.case.kind == "wrong"]
    if not wrong:
        return ""
    head = "".join(f'<th class="variant" scope="col">{escape(v.case.name.removeprefix("wrong_"))}</th>' for v in wrong)
    rows = []
    outcomes = [{test.name: test for test in verdict.tests} for verdict in wrong]
    question = ""
    for test, caught in validation.catches.items():
        if validation.questions[test] != question:
            question = validation.questions[test]
            rows.append(f'<tr class="question"><th colspan="{len(wrong) + 2}">{escape(question)}</th></tr>')
        cells = "".join(_cell(found.get(test)) for found in outcomes)
        rows.append(f'<tr><th scope="row"><code>{escape(test)}</code></th><td>{len(caught)}</td>{cells}</tr>')
    return (
        '<h2>Tests against wrong variants</h2><div class="scroll"><table class="matrix">'
        "<caption>● failed  ▲ error  ◆ timeout  ○ not run  · passed</caption>"
        f'<thead><tr><th scope="col">test</th><th scope="col">caught</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(test: TestOutcome | None) -> str:
    if test is None:
        return "<td></td>"
    mark, style, words = _MARK[test.status]
    return f'<td class="cell {style}" title="{escape(words)}">{mark}</td>'


def _cases(validation: Validation) -> str:
    rows = "".join(_case(verdict) for verdict in validation.verdicts)
    return (
        '<h2>Every notebook</h2><div class="scroll"><table><thead><tr><th>kind</th><th>name</th><th>questions</th>'
        f"<th>points</th><th>verdict</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _case(verdict: Verdict) -> str:
    points = ""
    if verdict.result is not None:
        points = " ".join(
            f"{q.id} {q.score:g}/{q.max_score:g}" for q in verdict.result.questions if q.score is not None
        )
    state = '<span class="bad">off</span>' if verdict.problems else '<span class="good">as expected</span>'
    return (
        f"<tr><td>{verdict.case.kind}</td><td><code>{escape(verdict.case.name)}</code></td>"
        f"<td>{escape(', '.join(verdict.case.questions))}</td><td>{escape(points)}</td><td>{state}</td></tr>"
    )
