"""Static looks at a notebook's code, for exercises that ask students to write what a library has.

An alias or `getattr` gets past a static look, so it raises a flag or fails an honest shortcut; it is no proof.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable


def forbidden_calls(source: str, names: Iterable[str], inside: str = "") -> list[tuple[str, int]]:
    """Return the forbidden names that the code uses, as (name, line) in order.

    A name is dotted from its right end: "cross_entropy" finds `F.cross_entropy(x)` and an imported
    `cross_entropy`, "nn.CrossEntropyLoss" finds `torch.nn.CrossEntropyLoss`. Aliases made by import are followed.
    With `inside`, only the function or class of that name (its last definition) is looked at; where it is not
    defined, nothing is found. Code that does not parse (magics, syntax errors) is looked at line by line.
    """
    wanted = [tuple(name.split(".")) for name in names]
    found: list[tuple[str, int]] = []
    for tree, offset in _trees(source):
        aliases = _aliases(tree)
        root: ast.AST | None = _definition(tree, inside) if inside else tree
        if root is None:
            continue
        for node in ast.walk(root):
            dotted = _dotted(node, aliases)
            for name in wanted:
                if dotted[-len(name) :] == name:
                    found.append((".".join(name), getattr(node, "lineno", 1) + offset))
    return sorted(set(found), key=lambda pair: (pair[1], pair[0]))


def _trees(source: str) -> list[tuple[ast.AST, int]]:
    try:
        return [(ast.parse(source), 0)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    trees: list[tuple[ast.AST, int]] = []
    for number, line in enumerate(source.splitlines()):
        try:
            trees.append((ast.parse(line.strip()), number))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return trees


def _aliases(tree: ast.AST) -> dict[str, tuple[str, ...]]:
    aliases: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.asname:
                    aliases[name.asname] = tuple(name.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                aliases[name.asname or name.name] = (*node.module.split("."), name.name)
    return aliases


def _definition(tree: ast.AST, name: str) -> ast.AST | None:
    found = None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == name:
            found = node
    return found


def _dotted(node: ast.AST, aliases: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the dotted name that a name or attribute stands for; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return tuple(reversed(parts))
    return aliases.get(node.id, (node.id,)) + tuple(reversed(parts))
