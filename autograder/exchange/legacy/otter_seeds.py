"""otter's seeds: what its configuration sets before each code cell, and what students get in its place.

    generate: {seed: 42}                                         numpy and random are seeded with 42 before each cell
    seed: {variable: s, autograder_value: 42, student_value: 7}  s = 42 stands before each cell

Lines that end in `# SEED` are the author's: students do not get them. Where a line sets the variable, students get
their own value, which otter sets anew before each cell while it grades.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from autograder.course.imported import CellSeed


class Seeds:
    """The seeds of one master's configuration. seed: what is set before each code cell, if anything is."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.seed = _seed_of(config)
        named = config.get("seed")
        theirs = named.get("student_value") if isinstance(named, Mapping) else None
        self._theirs = theirs if type(theirs) is int else None

    def of_students(self, source: str) -> str:
        """Return a code cell without the author's lines, and with the students' value where it sets the variable."""
        if self.seed is None:
            return source
        kept = "\n".join(line for line in source.split("\n") if not line.rstrip().endswith("# SEED"))
        if not self.seed.variable or self._theirs is None:
            return kept
        sets = re.compile(rf"^([ \t]*){re.escape(self.seed.variable)}[ \t]*=(?!=)[^\n]*", re.MULTILINE)
        return sets.sub(rf"\g<1>{self.seed.variable} = {self._theirs}", kept)


def _seed_of(config: Mapping[str, Any]) -> CellSeed | None:
    named, generate = config.get("seed"), config.get("generate")
    if isinstance(named, Mapping) and named.get("variable"):
        value = named.get("autograder_value")
        return CellSeed(value, str(named["variable"])) if type(value) is int else None
    value = generate.get("seed") if isinstance(generate, Mapping) else named
    return CellSeed(value) if type(value) is int else None
