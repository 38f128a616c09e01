"""The same code in other words: forms of a variant that differ in wording and not in what they compute.

A mistake must keep its name however it is written, and right code must never get one. Each rewriter below changes one
kind of wording in the functions and classes of a cell: names of local variables, the order of independent
statements, operators or functions or methods for each other, and formulas that are equal but for rounding.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeVar

import libcst as cst
import libcst.matchers as m

Node = TypeVar("Node", bound=cst.CSTNode)

# Functions of torch and torch.nn.functional that tensors have as methods with the same arguments, and arrays have not.
TENSOR_ONLY = frozenset(
    {"exp", "log", "log2", "log1p", "softmax", "log_softmax", "logsumexp", "sqrt", "rsqrt", "sigmoid", "gather"}
    | {"unsqueeze", "permute", "amax", "amin", "clamp", "masked_fill", "index_select", "scatter", "flatten"}
    | {"matmul", "norm", "sign", "square", "topk"}
)
ALSO_OF_ARRAYS = frozenset(["sum", "mean", "max", "min", "argmax", "argmin", "abs", "squeeze", "argsort"])
PURE = TENSOR_ONLY | ALSO_OF_ARRAYS | {"len", "float", "int", "size", "numel", "zeros_like", "ones_like", "one_hot"}
_OPERATORS: dict[type[cst.CSTNode], str] = {
    cst.Add: "add",
    cst.Subtract: "sub",
    cst.Multiply: "mul",
    cst.Divide: "truediv",
    cst.FloorDivide: "floordiv",
    cst.MatrixMultiply: "matmul",
    cst.Power: "pow",
}
_TURNED: dict[type[cst.CSTNode], type[cst.BaseCompOp]] = {
    cst.LessThan: cst.GreaterThan,
    cst.GreaterThan: cst.LessThan,
    cst.LessThanEqual: cst.GreaterThanEqual,
    cst.GreaterThanEqual: cst.LessThanEqual,
}
_FUNCTION = m.Call(
    func=m.Attribute(value=m.Name(value=m.MatchIfTrue(lambda name: name in ("torch", "F"))), attr=m.Name()),
    args=[m.Arg(keyword=None, star=""), m.ZeroOrMore()],
)
_METHOD = m.Call(func=m.Attribute(attr=m.Name()))


def rewritten(source: str) -> Iterator[tuple[str, str]]:
    """Yield (what was changed, code) for each rewriter that finds something to change, and all of them together."""
    everything, changed = source, 0
    for name, rewrite in REWRITERS.items():
        if (code := rewrite(source)) != source and _other(source, code):
            yield name, code
        if (together := rewrite(everything)) != everything and _other(everything, together):
            everything, changed = together, changed + 1
    if changed > 1:
        yield "all together", everything


def _other(before: str, after: str) -> bool:
    """Return whether the code is other code, and code at all."""
    try:
        return ast.dump(ast.parse(before)) != ast.dump(ast.parse(after))
    except SyntaxError:
        return False


# -- local variables ---------------------------------------------------------------------------


def renamed(source: str) -> str:
    """Rename the local variables of each function at the top level and each method; parameters stay."""
    return cst.parse_module(source).visit(_EachFunction(_rename)).code


class _EachFunction(cst.CSTTransformer):
    """Applies `change` to functions that are in no other function."""

    def __init__(self, change: Callable[[cst.FunctionDef], cst.FunctionDef]) -> None:
        super().__init__()
        self._change = change
        self._depth = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._depth += 1

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self._depth -= 1
        return updated_node if self._depth else self._change(updated_node)


def _rename(function: cst.FunctionDef) -> cst.FunctionDef:
    tree = ast.parse(cst.Module([function]).code)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    fixed = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            fixed |= set(node.names)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            fixed.add(node.name)
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    names = {name: f"my_{name}" for name in bound - fixed if f"my_{name}" not in used}
    changed = function.visit(_Rename(names))
    assert isinstance(changed, cst.FunctionDef)
    return changed


class _Rename(cst.CSTTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._names = names

    def visit_Attribute_attr(self, node: cst.Attribute) -> None:
        self._names, self._kept = {}, self._names

    def leave_Attribute_attr(self, node: cst.Attribute) -> None:
        self._names = self._kept

    def visit_Arg_keyword(self, node: cst.Arg) -> None:
        self._names, self._kept = {}, self._names

    def leave_Arg_keyword(self, node: cst.Arg) -> None:
        self._names = self._kept

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self._names.get(updated_node.value, updated_node.value))


# -- order of statements -----------------------------------------------------------------------


class _Reorder(cst.CSTTransformer):
    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body, place = list(updated_node.body), 0
        while place + 1 < len(body):
            if _independent(body[place], body[place + 1]):
                body[place], body[place + 1] = body[place + 1], body[place]
                place += 1
            place += 1
        return updated_node.with_changes(body=body)


def reordered(source: str) -> str:
    """Exchange neighbouring assignments that do not depend on each other and call only what has no effect."""
    return cst.parse_module(source).visit(_Reorder()).code


def _independent(first: cst.CSTNode, second: cst.CSTNode) -> bool:
    earlier, later = _reads_and_writes(first), _reads_and_writes(second)
    if earlier is None or later is None:
        return False
    (reads, writes), (later_reads, later_writes) = earlier, later
    return not (writes & (later_reads | later_writes) or later_writes & reads)


def _reads_and_writes(node: cst.CSTNode) -> tuple[set[str], set[str]] | None:
    """Return names that an assignment of a pure expression to names reads and writes; None for any other statement."""
    if not m.matches(node, m.SimpleStatementLine(body=[m.Assign()])):
        return None
    (statement,) = ast.parse(cst.Module([node]).code.strip()).body  # type: ignore[list-item]
    assert isinstance(statement, ast.Assign)
    reads: set[str] = set()
    writes: set[str] = set()
    for part in ast.walk(statement):
        if isinstance(part, ast.Name):
            (writes if isinstance(part.ctx, ast.Store) else reads).add(part.id)
        elif isinstance(getattr(part, "ctx", None), ast.Store) or isinstance(part, (ast.Yield, ast.NamedExpr)):
            return None  # into an object, or not only a value
        elif isinstance(part, ast.Call):
            called = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
            if called not in PURE:
                return None
    return reads, writes


# -- operators, functions, methods -------------------------------------------------------------


class _OperatorsAsFunctions(cst.CSTTransformer):
    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BaseExpression:
        name = _OPERATORS.get(type(updated_node.operator))
        if name is None:
            return updated_node
        function = cst.parse_expression(f"__import__('operator').{name}")
        return cst.Call(function, [cst.Arg(updated_node.left), cst.Arg(updated_node.right)])


class _FunctionsAsMethods(cst.CSTTransformer):
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if not m.matches(updated_node, _FUNCTION):
            return updated_node
        name = cst.ensure_type(updated_node.func, cst.Attribute).attr
        first, *rest = updated_node.args
        if name.value not in TENSOR_ONLY | ALSO_OF_ARRAYS or m.matches(first.value, m.List() | m.Tuple()):
            return updated_node
        return cst.Call(cst.Attribute(_in_parentheses(first.value), name), rest)


class _MethodsAsFunctions(cst.CSTTransformer):
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if not m.matches(updated_node, _METHOD):
            return updated_node
        function = cst.ensure_type(updated_node.func, cst.Attribute)
        if function.attr.value not in TENSOR_ONLY - {"permute", "flatten"} or m.matches(
            function.value, m.Name("torch") | m.Name("F") | m.Name("math") | m.Name("np") | m.Name("numpy")
        ):
            return updated_node
        torch_function = cst.parse_expression(f"__import__('torch').{function.attr.value}")
        return cst.Call(torch_function, [cst.Arg(function.value), *updated_node.args])


class _ComparisonsTurned(cst.CSTTransformer):
    def leave_Comparison(self, original_node: cst.Comparison, updated_node: cst.Comparison) -> cst.BaseExpression:
        if len(updated_node.comparisons) != 1:
            return updated_node
        (target,) = updated_node.comparisons
        turned = _TURNED.get(type(target.operator))
        if turned is None:
            return updated_node
        other = cst.ComparisonTarget(turned(), updated_node.left)
        return updated_node.with_changes(left=target.comparator, comparisons=[other])


class _EqualFormulas(cst.CSTTransformer):
    """x ** 2 as x * x, -x as -1 * x, x.mean() as x.sum() / x.numel(): equal but for rounding and the sign of zero."""

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BaseExpression:
        if m.matches(updated_node, m.BinaryOperation(left=m.Name(), operator=m.Power(), right=m.Integer("2"))):
            product = cst.BinaryOperation(updated_node.left, cst.Multiply(), updated_node.left)
            return _in_parentheses(product)
        return updated_node

    def leave_UnaryOperation(
        self, original_node: cst.UnaryOperation, updated_node: cst.UnaryOperation
    ) -> cst.BaseExpression:
        if m.matches(updated_node, m.UnaryOperation(operator=m.Minus(), expression=~(m.Integer() | m.Float()))):
            minus_one = cst.UnaryOperation(cst.Minus(), cst.Integer("1"))
            negative = cst.BinaryOperation(minus_one, cst.Multiply(), _in_parentheses(updated_node.expression))
            return _in_parentheses(negative)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if m.matches(updated_node, m.Call(func=m.Attribute(value=m.Name(), attr=m.Name("mean")), args=[])):
            name = cst.ensure_type(cst.ensure_type(updated_node.func, cst.Attribute).value, cst.Name).value
            if name not in ("torch", "F", "np", "numpy"):
                size = f"(len({name}) if isinstance({name}, list) else __import__('math').prod({name}.shape))"
                return cst.parse_expression(f"({name}.sum() / {size})")
        return updated_node


def _in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()])


def _by(transformer: Callable[[], cst.CSTTransformer]) -> Callable[[str], str]:
    def rewrite(source: str) -> str:
        changed = cst.parse_module(source).visit(_EachFunction(lambda function: _visited(function, transformer())))
        return changed.code

    return rewrite


def _visited(function: cst.FunctionDef, transformer: cst.CSTTransformer) -> cst.FunctionDef:
    body = function.body.visit(transformer)  # defaults and annotations stay
    return function.with_changes(body=body)


REWRITERS: dict[str, Callable[[str], str]] = {
    "other names": renamed,
    "another order": reordered,
    "functions as methods": _by(_FunctionsAsMethods),
    "methods as functions": _by(_MethodsAsFunctions),
    "comparisons turned": _by(_ComparisonsTurned),
    "equal formulas": _by(_EqualFormulas),
    "operators as functions": _by(_OperatorsAsFunctions),
}
