"""How often `autograder similar` names two who have nothing from each other, and how often it finds a copy.

Classes are made of the banks: for each question a student has the solution, a right variant or a wrong one. The right
variants are taken out of what the comparison knows, as if nobody had thought of them: whoever has the same one has the
same hand, whoever has none in common works differently. A pair of the latter is a false alarm. In each class one
student's right variants are nobody else's, and another hands in some of them with new names, other layout, no comments
and the cells in another order: a copy. Nothing is graded; the comparison alone is run.
"""

from __future__ import annotations

import argparse
import ast
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from autograder.course.bank import Variant, read_bank
from autograder.course.course import Assignment, load_course
from autograder.course.releases import load_releases
from autograder.records import Outcome, Result
from autograder.release.starter import read_master
from autograder.reports.options import IndexOptions
from autograder.reports.similar import OwnCell, OwnCode, similar_view

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 10, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Question:
    """The answers to one question: the solution's, right and wrong ones of the bank."""

    solution: str
    right: tuple[Variant, ...]
    wrong: tuple[Variant, ...]


@dataclass(frozen=True)
class SyntheticClass:
    """A class. hands: names of each student's right variants. copies: (who copied, from whom), in how many answers."""

    submissions: tuple[OwnCode, ...]
    hands: dict[str, frozenset[str]]
    known: tuple[str, ...]
    copied: int


class _NewNames(ast.NodeTransformer):
    """Gives everything that is named in an answer another name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def _new(self, name: str) -> str:
        return self._names.setdefault(name, f"quantity_{len(self._names)}")

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._new(node.arg)
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if isinstance(node.ctx, ast.Store) or node.id in self._names:
            node.id = self._new(node.id)
        return node


def disguised(code: str) -> str:
    """Return code that does the same, with new names, another layout and no comments."""
    return ast.unparse(_NewNames().visit(ast.parse(code)))


def questions_of(assignment: Assignment) -> dict[str, Question]:
    """Return the questions that the bank has right variants of."""
    master = read_master(assignment).notebook
    solutions = {
        cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell.source
        for cell in master.cells
        if cell.cell_type == "code"
    }
    bank = read_bank(assignment)
    found = {}
    for question in assignment.questions:
        right = tuple(v for v in bank if v.kind == "right" and v.questions[0] == question.id)
        wrong = tuple(v for v in bank if v.kind == "wrong" and v.questions == (question.id,))
        if right and question.id in solutions:
            found[question.id] = Question(solutions[question.id], right, wrong)
    return found


def make_class(assignment: Assignment, size: int, copied: int, seed: int) -> SyntheticClass:
    """Return a class in which `copied` answers (all, if there are fewer) went from the first student to the last."""
    draw = random.Random(seed)
    questions = questions_of(assignment)
    ids = list(questions)
    reserved = {id: draw.choice(questions[id].right) for id in draw.sample(ids, min(copied, len(ids)))}
    codes: list[dict[str, str]] = []
    hands: list[frozenset[str]] = []
    for _ in range(size):
        answers, hand = {}, set()
        for id, question in questions.items():
            free = [v for v in question.right if reserved.get(id) is not v]
            kinds = ["solution", *(["right"] if free else []), *(["wrong"] if question.wrong else [])]
            kind = draw.choice(kinds)
            if kind == "right":
                variant = draw.choice(free)
                hand.add(variant.name)
                answers[id] = variant.code
            else:
                answers[id] = draw.choice(question.wrong).code if kind == "wrong" else question.solution
        codes.append(answers)
        hands.append(frozenset(hand))
    names = frozenset(variant.name for variant in reserved.values())
    for at in (0, -1):
        codes[at] |= {id: variant.code for id, variant in reserved.items()}
        hands[at] |= names
    codes[-1] |= {id: disguised(codes[-1][id]) for id in reserved}
    order = list(range(len(ids)))
    submissions = []
    for number, answers in enumerate(codes):
        if number == size - 1:
            draw.shuffle(order)
        cells = tuple(OwnCell(at + 1, answers[ids[at]].strip("\n")) for at in order)
        submissions.append(OwnCode(_result(assignment, f"s{number:03}"), cells))
    released = [cell.source for release in load_releases(assignment.releases_path).entries for cell in release.cells]
    master = [cell.source for cell in read_master(assignment).notebook.cells if cell.cell_type == "code"]
    wrong = [variant.code for variant in read_bank(assignment) if variant.kind == "wrong"]
    by_subject = {one.result.subject: hand for one, hand in zip(submissions, hands, strict=True)}
    return SyntheticClass(tuple(submissions), by_subject, (*released, *master, *wrong), len(reserved))


def _result(assignment: Assignment, subject: str) -> Result:
    return Result(outcome=Outcome.GRADED, subject=subject, students=(subject,), assignment=assignment.name,
                  title=assignment.title, notebook_sha256="0" * 64, attempt=1, graded_at=NOW, score=0.0,
                  max_score=1.0)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """One class. honest: pairs without a common hand. false: those of them that were named. found: the copy was."""

    honest: int
    false: int
    same_hand: int
    found: bool
    seconds: float


def measure(made: SyntheticClass) -> Measured:
    """Compare one class."""
    started = time.process_time()
    view = similar_view(made.submissions, made.known, IndexOptions())
    seconds = time.process_time() - started
    named = [(pair.first.subject, pair.second.subject) for pair in view.pairs]
    copy = (made.submissions[0].result.subject, made.submissions[-1].result.subject)
    false = sum(not made.hands[one] & made.hands[other] for one, other in named)
    honest = sum(not one & other for one, other in combinations(made.hands.values(), 2))
    return Measured(honest, false, len(named) + view.more - false - (copy in named), copy in named, seconds)


def _lines(assignments: Sequence[Assignment], sizes: Iterable[int], draws: int) -> Iterator[str]:
    for size in sizes:
        every = [
            (copied, measure(make_class(assignment, size, copied, seed)))
            for assignment in assignments
            for copied in (1, 2, 99)
            for seed in range(draws)
        ]
        yield (
            f"| {size} | {sum(one.honest for _, one in every):,} | {sum(one.false for _, one in every)} "
            f"| {sum(one.same_hand for _, one in every)} "
            + "".join(
                f"| {sum(one.found for c, one in every if c == copied)} of {sum(c == copied for c, _ in every)} "
                for copied in (1, 2, 99)
            )
            + f"| {max(one.seconds for _, one in every):.1f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[40, 150, 400])
    parser.add_argument("--draws", type=int, default=3, help="classes of each kind")
    arguments = parser.parse_args()
    print("| class | pairs of different hands | named | same hand, named | one answer copied: found | two | all | s |")
    print("|---|---|---|---|---|---|---|---|")
    for line in _lines(load_course(ROOT).assignments, arguments.sizes, arguments.draws):
        print(line, flush=True)


if __name__ == "__main__":
    main()
