"""Do the hidden tests send what they promise? Sizes, duplicates, extreme values and views of every question.

What a file of hidden tests declares in its `INPUTS` (`autograder.testing.inputs`) must be met by every draw of the
inputs that the solution gets. And where it says that an argument comes as a view, blanks that take no view must lose
points: the solution is graded once more for each such question, with functions that refuse what does not lie in memory
in order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.grading.options import Focus
from autograder.records import InputsMet
from autograder.release.master import Master
from autograder.testing.inputs import NAME, WORDS
from autograder.validation.cases import Case
from autograder.validation.mutants import with_cells
from autograder.validation.noops import blanks_of

_REFUSING = """
def _in_order(function):
    @__import__("functools").wraps(function)
    def refusing(*arguments, **named):
        for x in (*arguments, *named.values()):
            if hasattr(x, "is_contiguous") and not x.is_contiguous():
                raise RuntimeError("this tensor does not lie in memory in order")
        return function(*arguments, **named)
    return refusing
"""


def unmet_inputs(found: Iterable[InputsMet], path: Path) -> Iterator[str]:
    """Yield a message for each word that is declared and that no call met. path: of the hidden tests."""
    for entry in found:
        for word in entry.wanted:
            if word not in entry.met:
                met = ", ".join(entry.met) or "nothing of the kind"
                yield (
                    f"{entry.question}: {path.name} says in {NAME} that `{entry.argument}` meets {word!r} "
                    f"({WORDS[word]}), found {met}: send such an input, or take the word out"
                )


def refusing_cases(master: Master, solution: bytes, found: Iterable[InputsMet]) -> Iterator[Case]:
    """Yield the solution with blanks that refuse views, for each question with an argument that is to come as one."""
    wanted = dict.fromkeys(entry.question for entry in found if "view" in entry.wanted)
    blanks = blanks_of(master)
    for question in wanted:
        cells = {index: refuses_views(source) for index, source in blanks.get(question, {}).items()}
        focus = Focus(questions=(question,), remedies=False)
        yield Case("refusing", f"{question} refuses views", with_cells(solution, cells), (question,), focus=focus)


def refuses_views(source: str) -> str:
    """Return a cell's code in which every function at its top level, and `forward` of every class, raises an error for
    a tensor that does not lie in memory in order."""
    lines = [source, _REFUSING]
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            lines.append(f"{node.name} = _in_order({node.name})")
        elif isinstance(node, ast.ClassDef):
            methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            lines += [f"{node.name}.{name} = _in_order({node.name}.{name})" for name in methods & {"forward"}]
    return "\n".join(lines) + "\n"
