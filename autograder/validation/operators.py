"""Small mistakes that a machine can make in a solution: one changed node of its syntax tree at a time.

mutmut's operators (numbers, operators, comparisons, arguments, assignments, strings, branches), and those that matter
in this field and are missing there: a number one smaller (another axis), a statement left out (`model.eval()`), a
`with` block without its `with` (`torch.no_grad()`), a method of a pair swapped for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import libcst as cst
import libcst.matchers as m
from mutmut.mutation.mutators import mutation_operators

Operator = tuple[type[cst.CSTNode], Callable[[Any], Iterable[cst.CSTNode]]]

PAIRS = {  # methods and functions that are easily taken for each other
    "mean": "sum",
    "sum": "mean",
    "amax": "amin",
    "amin": "amax",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "softmax": "log_softmax",
    "log_softmax": "softmax",
    "train": "eval",
    "eval": "train",
    "ceil": "floor",
    "floor": "ceil",
    "zeros": "ones",
    "ones": "zeros",
    "sin": "cos",
    "cos": "sin",
}
_NAMES_A_METHOD = m.Call(func=m.Attribute(attr=m.Name()))


def operator_smaller_number(node: cst.Integer) -> Iterator[cst.CSTNode]:
    """Make `dim=0` of `dim=1`; mutmut makes it `dim=2`."""
    value = node.evaluated_value - 1
    if value >= 0:
        yield node.with_changes(value=str(value))
    else:
        yield cst.UnaryOperation(cst.Minus(), cst.Integer(str(-value)))


def operator_left_out(node: cst.SimpleStatementLine) -> Iterator[cst.CSTNode]:
    """Yield a statement that is there for its effect becomes `pass`; a docstring is none."""
    if m.matches(node, m.SimpleStatementLine(body=[m.Expr(value=~(m.SimpleString() | m.ConcatenatedString()))])):
        yield node.with_changes(body=[cst.Pass()])


def operator_without_with(node: cst.With) -> Iterator[cst.CSTNode]:
    """Yield the block of a `with` runs without it."""
    if all(item.asname is None for item in node.items):
        yield cst.If(test=cst.Name("True"), body=node.body, leading_lines=node.leading_lines)


def operator_pairs(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Make `x.sum()` of `x.mean()`, `torch.log_softmax` of `torch.softmax`."""
    if m.matches(node, _NAMES_A_METHOD):
        name = cst.ensure_type(node.func, cst.Attribute).attr
        if name.value in PAIRS:
            yield node.with_deep_changes(name, value=PAIRS[name.value])


def operator_negated_condition(node: cst.If) -> Iterator[cst.CSTNode]:
    """Make `if not (x):` of `if x:`."""
    parenthesised = node.test.with_changes(
        lpar=[cst.LeftParen(), *node.test.lpar], rpar=[*node.test.rpar, cst.RightParen()]
    )
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), parenthesised))


OWN: tuple[Operator, ...] = (
    (cst.Integer, operator_smaller_number),
    (cst.SimpleStatementLine, operator_left_out),
    (cst.With, operator_without_with),
    (cst.Call, operator_pairs),
    (cst.If, operator_negated_condition),
)


def _says_something(node: cst.CSTNode, changed: cst.CSTNode) -> bool:
    """Return whether a mutant says something. Not so: None in place of a keyword's value, which is the same mistake
    as leaving the argument out, or no mistake of the kind that anybody makes."""
    if not (isinstance(node, cst.Call) and isinstance(changed, cst.Call) and len(node.args) == len(changed.args)):
        return True
    pairs = zip(node.args, changed.args, strict=True)
    return not any(
        new is not old and new.keyword is not None and m.matches(new.value, m.Name("None")) for old, new in pairs
    )


def mutations(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """Yield (name of the operator, node to stand in its place) for every operator that applies to the node."""
    for kind, operator in (*mutation_operators, *OWN):
        if isinstance(node, kind):
            for changed in operator(node):
                if _says_something(node, changed):
                    yield operator.__name__.removeprefix("operator_"), changed
