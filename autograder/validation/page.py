"""The page of `autograder validate`: which hidden test caught which wrong variant, what became of the automatic
mutants, and how much room each numeric check leaves."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from autograder.records import TestOutcome, TestStatus
from autograder.validation.margins import NARROW, Margin
from autograder.validation.mutant_verdicts import MutantReport
from autograder.validation.mutants import Mutant
from autograder.validation.verdicts import Validation, Verdict

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--bad:#cf222e}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}
table{border-collapse:collapse}.scroll{overflow-x:auto}
th,td{border-bottom:1px solid var(--line);padding:.2rem .5rem;text-align:left}
td.cell{text-align:center}thead th.variant{writing-mode:vertical-rl;transform:rotate(180deg);font-weight:500}
tr.question th{padding-top:1rem}.good{color:var(--good)}.bad{color:var(--bad)}.faint{opacity:.35}
code{font-size:.92em}caption{text-align:left;padding:.5rem 0}td.number{text-align:right;white-space:nowrap}
pre{background:#8881;padding:.5rem .8rem;overflow-x:auto;margin:.3rem 0}
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
        f"{_headline(validation)}{''.join(_problem_list(validation))}{_matrix(validation)}{_mutants(validation)}"
        f"{_margins(validation)}{_cases(validation)}</html>\n"
    )


def _headline(validation: Validation) -> str:
    state = '<strong class="good">All is as it must be.</strong>' if validation.ok else (
        '<strong class="bad">Not as it must be.</strong>'
    )  # fmt: skip
    mutants = f", {_rates(validation.mutants)}" if validation.mutants is not None else ""
    return (
        f"<p>{state} {len(validation.catches)} tests, {validation.count('right')} right and "
        f"{validation.count('wrong')} wrong variants{mutants}.</p>"
        + _named("These tests caught nothing", validation.catch_nothing)
        + _named("These tests caught no variant that no other caught", validation.catch_nothing_alone)
    )


def _named(said: str, tests: tuple[str, ...]) -> str:
    return f"<p>{said}: {', '.join(f'<code>{escape(test)}</code>' for test in tests)}.</p>" if tests else ""


def _problem_list(validation: Validation) -> Iterator[str]:
    if found := validation.all_problems:
        yield '<h2>What is off</h2><ul class="problems">'
        yield from (f"<li><code>{escape(about)}</code>: {escape(problem)}</li>" for about, problem in found)
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


def _rates(report: MutantReport) -> str:
    return (
        f"{len(report.verdicts)} automatic mutants, {report.killed} of them caught ({report.raw_rate:.1%}), "
        f"{len(report.reviewed)} listed as equivalent, {report.rate:.1%} of the others caught"
    )


def _mutants(validation: Validation) -> str:
    report = validation.mutants
    if report is None:
        return ""
    made: dict[str, list[bool]] = {}
    for verdict in report.verdicts:
        made.setdefault(verdict.mutant.question, []).append(verdict.killed_by is not None)
    rows = "".join(
        f'<tr><th scope="row">{escape(question)}</th><td class="number">{len(killed)}</td>'
        f'<td class="number">{sum(killed)}</td></tr>'
        for question, killed in made.items()
    )
    survivors = "".join(_survivor(mutant, report.reviewed.get(mutant.id, "")) for mutant in report.survivors)
    return (
        "<h2>Automatic mutants</h2><table><thead><tr><th>question</th><th>made</th><th>caught</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{survivors}"
    )


def _survivor(mutant: Mutant, reason: str) -> str:
    said = f"Equivalent: {escape(reason)}" if reason else '<strong class="bad">No test sees it.</strong>'
    return (
        f"<p><code>{escape(mutant.question)}</code>, line {mutant.line} of the master, by "
        f"<code>{escape(mutant.operator)}</code>. {said}</p><pre>{escape(mutant.diff)}</pre>"
    )


def _margins(validation: Validation) -> str:
    if not validation.margins:
        return ""
    return (
        '<h2>Room of numeric checks</h2><div class="scroll"><table class="margins"><caption>In units of what a check '
        "allows: 1 is the limit. Honest: the farthest answer that must pass. Mistake: the nearest answer that the "
        f"check refuses. A check is marked where either is within a factor of {NARROW:g} of the limit.</caption>"
        '<thead><tr><th scope="col">test</th><th scope="col">line</th><th scope="col">honest</th><th>its error</th>'
        '<th scope="col">of</th><th scope="col">mistake</th><th>its error</th><th scope="col">of</th>'
        f'<th scope="col">mistake / honest</th></tr></thead><tbody>{"".join(map(_margin, validation.margins))}'
        "</tbody></table></div>"
    )


def _margin(margin: Margin) -> str:
    style = ' class="bad"' if margin.narrow else ""
    numbers = (margin.honest, margin.honest_error, None, margin.wrong, margin.wrong_error, None, margin.ratio)
    names = ("", "", margin.honest_by, "", "", margin.wrong_by, "")
    cells = "".join(
        f"<td><code>{escape(name)}</code></td>" if name else f'<td class="number">{_number(number)}</td>'
        for number, name in zip(numbers, names, strict=True)
    )
    return f'<tr{style}><th scope="row"><code>{escape(margin.test)}</code></th><td>{margin.line}</td>{cells}</tr>'


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}"
