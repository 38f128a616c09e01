"""What a person should look at: code and outputs that no honest submission has. A flag; it never changes a score.

Two signs. *Forbidden calls*: code that reaches for other processes, the kernel, the frames of its callers or the
machinery of grading. Nothing of that helps against the sandbox, and an alias or `exec` hides it from this look; it is
here so that whoever tries it openly is seen. What the solution itself has is no sign. *Canaries*: words that only
the trusted side has. One of them in what student code printed, raised or displayed means that the confinement is
broken, whatever the score says.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograder.records import CellOutcome, TestOutcome

CANARY_VARIABLE = "AUTOGRADER_CANARY"
MOST_FLAGS = 12  # of one submission: a person has seen enough then
_SHORTEST = 12  # characters of a canary: shorter ones are found by chance

# label -> what it looks like in source. Repetitions are bounded, since students write what is searched. Ordinary tools
# of debugging (gc.get_objects, subprocess, !pip) are not here.
FORBIDDEN = {
    "other processes": r"\bos\.(?:fork|forkpty|kill|killpg|getppid|set(?:e|re|res)?[ug]id)\b"
    r"|\bpidfd_(?:open|getfd|send_signal)\b",
    "leaving with a status": r"\bos\.(?:_exit|abort)\b",
    "other processes' files": r"/proc/(?:\d{1,10}|self|thread-self|\{[^}\n]{0,60}\})/"
    r"(?:mem|maps|environ|fd|fdinfo|root|cwd|task)\b",
    "calls of the kernel": r"\b(?:ptrace|process_vm_(?:read|write)v|userfaultfd|io_uring_setup|keyctl|add_key|unshare"
    r"|setns|pivot_root|open_by_handle_at|perf_event_open|memfd_create|syscall)[ \t]{0,8}\(",
    "frames of callers": r"\bsys\._(?:getframe|current_frames)\b|\binspect\.(?:stack|currentframe)\b"
    r"|\.f_back\b|\btb_frame\b",
    "tracing": r"\b(?:sys|threading)\.(?:settrace|setprofile|addaudithook)\b",
    "hooks of imports": r"\bsys\.(?:meta_path|path_hooks)\b",
    "code that runs when it is unpickled": r"\bdef[ \t]{1,8}__(?:reduce|reduce_ex|setstate)__",
    "answers that decide comparisons": r"\bdef[ \t]{1,8}__(?:torch_(?:function|dispatch)|array_(?:ufunc|function))__",
    "comparisons put in place of a library's": r"\b(?:torch|np|numpy|math|builtins|pytest)\.(?:testing\.)?"
    r"(?:allclose|isclose|equal|array_equal|assert_close|abs|len|isinstance|all|any)[ \t]{0,8}=(?!=)",
    "files of the grader": r"\b(?:hidden_tests|course_secret|conftest|sitecustomize|usercustomize|gradebook\.db)\b",
}
_EACH = {label: re.compile(pattern) for label, pattern in FORBIDDEN.items()}
# A line with a sign has one of these. Looking for words is many times quicker than looking for the patterns.
_WORDS = (
    "os.fork", "os.kill", "os.getppid", "os.set", "os._exit", "os.abort", "pidfd_", "/proc/", "ptrace", "process_vm_",
    "userfaultfd", "io_uring_setup", "keyctl", "add_key", "unshare", "setns", "pivot_root", "open_by_handle_at",
    "perf_event_open", "memfd_create", "syscall", "sys._", "inspect.", "f_back", "tb_frame", "sys.set",
    "threading.set", "addaudithook", "sys.meta_path", "sys.path_hooks", "__reduce", "__setstate__", "__torch_",
    "__array_", "close =", "close=", "equal =", "equal=", "abs =", "abs=", "len =", "len=", "isinstance =",
    "isinstance=", ".all =", ".all=", ".any =", ".any=", "hidden_tests", "course_secret", "conftest", "customize",
    "gradebook.db",
)  # fmt: skip


def signs(source: str) -> dict[str, str]:
    """label -> the text that gave it, for each kind of forbidden call in the code; lines of comment are left out."""
    if not any(word in source for word in _WORDS):
        return {}
    lines = (line for line in source.splitlines() if not line.lstrip().startswith("#"))
    code = "\n".join(line for line in lines if any(word in line for word in _WORDS))
    return {label: found.group() for label, pattern in _EACH.items() if (found := pattern.search(code))}


def forbidden_calls(sources: Mapping[int, str], allowed: Iterable[str] = ()) -> list[str]:
    """One flag for each cell and kind of forbidden call. sources: cell index -> code; allowed: labels."""
    passed = frozenset(allowed)
    return [
        f"cell {index} reaches for {label}: {' '.join(text.split())[:80]}"
        for index, source in sources.items()
        for label, text in signs(source).items()
        if label not in passed
    ][:MOST_FLAGS]


def new_canary() -> dict[str, str]:
    """A variable for the environment of a trusted process, which no sandbox passes on."""
    return {CANARY_VARIABLE: secrets.token_hex(16)}


class Canaries:
    """Words that only the trusted side has, by where they are."""

    def __init__(self, known: Mapping[str, str]) -> None:
        words = {**known, "the environment of the grader": os.environ.get(CANARY_VARIABLE, "")}
        self._words = {place: word for place, word in words.items() if len(word) >= _SHORTEST}

    def flags(
        self,
        outputs: Mapping[int, Sequence[Mapping[str, Any]]],
        cells: Iterable[CellOutcome],
        tests: Iterable[TestOutcome],
    ) -> list[str]:
        """A flag for each place of which student code showed the word; the word itself is not repeated."""
        if not self._words:
            return []
        raised = [*(cell.traceback for cell in cells), *(test.traceback for test in tests)]
        said = "\n".join(
            [
                *(error.model_dump_json() for error in raised if error is not None),
                *(json.dumps(list(found), ensure_ascii=False) for found in outputs.values() if found),
            ]
        )
        return [
            f"what it printed or raised holds a word of {place}: the sandbox may be broken, see docs/security.md"
            for place, word in self._words.items()
            if json.dumps(word, ensure_ascii=False)[1:-1] in said
        ]
