"""What a cell of an otter master says twice: once for the solution, once for students.

x = 2  # SOLUTION                  students get `x = ...`
return y  # SOLUTION               students get `...`
    # SOLUTION NO PROMPT               students get nothing
    np.random.seed(42)  # SEED         students get it, too, where the configuration names no seed (`otter_seeds`)
# BEGIN SOLUTION … # END SOLUTION  students get `...`, with NO PROMPT nothing
\"\"\" # BEGIN PROMPT … \"\"\" # END PROMPT   only students get what is between
# IGNORE, # BEGIN IGNORE … # END IGNORE     nobody gets it
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = re.compile(r"#\s*END SOLUTION\s*$")
_BEGIN = re.compile(r"(\s*)#\s*BEGIN SOLUTION(\s+NO PROMPT)?\s*$")
_BEGIN_PROMPT = re.compile(r"\s*(\"\"\"|''')?\s*#\s*BEGIN PROMPT\s*$")
_END_PROMPT = re.compile(r"\s*(\"\"\"|''')?\s*;?\s*#\s*END PROMPT\s*$")
_IGNORE = re.compile(r"#\s*IGNORE\s*$")
_BEGIN_IGNORE = re.compile(r"\s*#\s*BEGIN\s*IGNORE\s*$", re.IGNORECASE)
_END_IGNORE = re.compile(r"#\s*END IGNORE\s*$")
_LINE = re.compile(r"^(\s*)(.*?)\s*#\s?(SOLUTION NO PROMPT|SOLUTION|SEED)\s*$")
_ASSIGNED = re.compile(r"^((?:[\w.]+(?:\[.*?\])*\s*,\s*)*[\w.]+(?:\[.*?\])*\s*(?::[^=]+)?=)(?!=)")
_HEADING = re.compile(r"^\s*#+\s*solution\s*#*\s*$", re.IGNORECASE)


def versions(source: str) -> tuple[str, str]:
    """Return (the cell as the solution has it, the cell as students get it)."""
    solved: list[str] = []
    shown: list[str] = []
    inside = ""
    for line in _without_ignored(source.split("\n")):
        if inside == "prompt":
            if _END_PROMPT.match(line):
                inside = ""
            else:
                shown.append(line)
        elif inside == "solution":
            if _END.search(line):
                inside = ""
            else:
                solved.append(line)
        elif _BEGIN_PROMPT.match(line):
            inside = "prompt"
        elif (begin := _BEGIN.match(line)) is not None:
            inside = "solution"
            shown += [] if begin[2] else [f"{begin[1]}..."]
        elif (marked := _LINE.match(line)) is not None:
            solved.append(f"{marked[1]}{marked[2]}")
            if marked[3] == "SEED":
                shown.append(solved[-1])
            elif marked[3] == "SOLUTION":
                assigned = _ASSIGNED.match(marked[2])
                shown.append(f"{marked[1]}{assigned[1]} ..." if assigned else f"{marked[1]}...")
        elif not _HEADING.match(line):
            solved.append(line)
            shown.append(line)
    return "\n".join(solved), "\n".join(shown)


def blank_of(solved: str, shown: str) -> str:
    """Return a master cell that holds both: what they share around a SOLUTION and a STARTER region."""
    one, two = solved.split("\n"), shown.split("\n")
    head = 0
    while head < min(len(one), len(two)) and one[head] == two[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(two)) - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    answer, stub = one[head : len(one) - tail], two[head : len(two) - tail]
    indent = _common_indent([*answer, *stub])
    return "\n".join(
        [
            *one[:head],
            f"{indent}### BEGIN SOLUTION",
            *answer,
            f"{indent}### END SOLUTION",
            f"{indent}### BEGIN STARTER",
            *([f"{indent}# {line[len(indent) :]}".rstrip() for line in stub] or [f"{indent}#"]),
            f"{indent}### END STARTER",
            *one[len(one) - tail :],
        ]
    )


def _common_indent(lines: Sequence[str]) -> str:
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    return " " * min(widths, default=0)


def _without_ignored(lines: Sequence[str]) -> list[str]:
    kept, inside = [], False
    for line in lines:
        if inside:
            inside = not _END_IGNORE.search(line)
        elif _BEGIN_IGNORE.match(line):
            inside = True
        elif not _IGNORE.search(line):
            kept.append(line)
    return kept
