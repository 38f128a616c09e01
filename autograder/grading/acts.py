"""What a cell's code does that nothing in a course needs. A word is no act: only calls, assignments, definitions count.

Whoever restarts a kernel (`os.kill(os.getpid(), 9)`), names a file in a comment, prints `f"{np.equal=}"`, asks for its
own function's name or makes a class that pickles does nothing of the kind. So code is parsed, and what is looked for is
something that is done to somebody else: another process, the kernel, a caller's variables, a library's comparisons.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from autograder.notebooks.text import remembered

LONGEST = 200_000  # characters of a cell that is looked at
# Code with an act has one of these words. Looking for words is many times quicker than parsing.
_WORDS = re.compile(
    r"os\.kill|killpg|set(?:e|re|res)?[ug]id|pidfd_|/proc/|ptrace|process_vm_|userfaultfd|io_uring|keyctl|add_key|unshare"
    r"|setns|pivot_root|open_by_handle|perf_event|memfd|syscall|f_back|_getframe|_current_frames|inspect\.stack"
    r"|addaudithook|meta_path|path_hooks|__reduce|__torch_|__array_|allclose|isclose|equal|assert_close|\.abs|\.len"
    r"|isinstance|\.all|\.any|hidden_tests|course_secret|conftest|customize|gradebook\.db"
)
_OTHER_LANGUAGE = re.compile(r"\s*%%(?!(?:time|timeit|capture|prun)\b)")  # a cell whose text is no Python
_KILLS = {"kill", "killpg", "pidfd_open", "pidfd_getfd", "pidfd_send_signal"}
_IDS = {"setuid", "setgid", "seteuid", "setegid", "setreuid", "setregid", "setresuid", "setresgid"}
_KERNEL = {
    *(
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "userfaultfd",
        "io_uring_setup",
        "keyctl",
        "add_key",
        "unshare",
    ),
    *("setns", "pivot_root", "open_by_handle_at", "perf_event_open", "memfd_create", "syscall"),
}
_COMPARISONS = {
    *("allclose", "isclose", "equal", "array_equal", "assert_close", "abs", "len", "isinstance", "all", "any"),
}
_LIBRARIES = {"torch", "np", "numpy", "math", "builtins", "pytest", "testing", "__builtins__"}
_CHANGES = {"insert", "append", "extend", "clear"}
_DISPATCH = {"__torch_function__", "__torch_dispatch__", "__array_ufunc__", "__array_function__"}
_RUNS = {"system", "popen", "eval", "exec", "__import__", "run", "call", "Popen", "check_output", "check_call", "open"}
_READS = {
    *(
        "open",
        "Path",
        "read_text",
        "read_bytes",
        "exists",
        "isfile",
        "stat",
        "listdir",
        "glob",
        "rglob",
        "walk",
        "remove",
    ),
    *("unlink", "rename", "copy", "import_module", "__import__", "run", "system", "Popen", "check_output", "connect"),
}
_OTHERS_PROC = re.compile(r"/proc/(?:\d{1,10}|\0)/(?:mem|maps|environ|fd|fdinfo|root|cwd|task)\b")
_GRADERS = re.compile(r"\b(?:hidden_tests|course_secret|conftest|sitecustomize|usercustomize)\b|\bgradebook\.db\b")


@remembered
def acts(source: str) -> dict[str, str]:
    """Return label -> the code that gave it, for each kind of act in a cell."""
    if len(source) > LONGEST or not _WORDS.search(source) or _OTHER_LANGUAGE.match(source):
        return {}
    found: dict[str, str] = {}
    for tree in _trees(source):
        nodes = list(ast.walk(tree))
        for label, look in _LOOKS.items():
            if label not in found:
                node = next(look(nodes), None)
                if node is not None:
                    found[label] = _text(node)
    return found


def _trees(source: str) -> list[ast.AST]:
    """Return the cell without magics and shell lines; line by line where it is no Python."""
    plain = "\n".join("pass" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
    try:
        return [ast.parse(plain)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    trees: list[ast.AST] = []
    for line in plain.splitlines():
        if _WORDS.search(line):
            try:
                trees.append(ast.parse(line.strip()))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return trees


def _text(node: ast.AST) -> str:
    try:
        return ast.unparse(node)[:200]
    except (RecursionError, ValueError):
        return type(node).__name__


def _name(node: ast.AST | None) -> str:
    """Return the last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _calls(nodes: list[ast.AST]) -> Iterator[tuple[ast.Call, str]]:
    for node in nodes:
        if isinstance(node, ast.Call):
            yield node, _name(node.func)


def _other_processes(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield a signal to a process by a number that is no child's or its own: written down, counted up, or its
    parent's.
    """
    counted = {
        _name(node.target) for node in nodes if isinstance(node, (ast.For, ast.comprehension)) and _is_search(node.iter)
    }
    for call, name in _calls(nodes):
        if name in _IDS and _name(getattr(call.func, "value", None)) in ("os", "libc"):
            yield call
        if name in _KILLS and call.args and _is_foreign(call.args[0], counted):
            yield call


def _is_search(iterated: ast.AST) -> bool:
    return any(_name(node) in ("range", "listdir", "iterdir", "process_iter", "pids") for node in ast.walk(iterated))


def _is_foreign(target: ast.AST, counted: set[str]) -> bool:
    number = target.operand if isinstance(target, ast.UnaryOp) else target
    if isinstance(number, ast.Constant):
        return isinstance(number.value, int)
    if isinstance(target, ast.Call):
        return _name(target.func) in ("getppid", "int")
    return _name(target) in counted


def _other_files(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    for call, _ in _calls(nodes):
        if any(_OTHERS_PROC.search(text) for text in _strings(call)):
            yield call


def _strings(call: ast.Call) -> Iterator[str]:
    """Yield the strings among a call's arguments; what an f-string fills in is a NUL."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value
        if isinstance(argument, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "\0" for part in argument.values]
            yield "".join(map(str, parts))


def _kernel(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    return (call for call, name in _calls(nodes) if name in _KERNEL)


def _callers(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Return variables of a frame that is not its own. Asking for a caller's name, as logs do, is none of it."""
    steps = [node for node in nodes if _name(node) in ("f_back", "_current_frames") or _is_walk(node)]
    reads = [node for node in nodes if _name(node) in ("f_locals", "f_globals", "f_builtins")]
    return iter(steps[:1] if steps and reads else ())


def _is_walk(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if _name(node.func) == "_getframe":
        return bool(node.args) and not (isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)
    return _name(node.func) == "stack" and _name(getattr(node.func, "value", None)) == "inspect"


def _tracing(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    return (call for call, name in _calls(nodes) if name == "addaudithook")


def _import_hooks(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    hooks = ("meta_path", "path_hooks")
    for node in nodes:
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and _name(function.value) in hooks and function.attr in _CHANGES:
            yield node
        if isinstance(node, ast.Assign) and any(_name(_base(target)) in hooks for target in node.targets):
            yield node


def _base(target: ast.AST) -> ast.AST:
    return target.value if isinstance(target, ast.Subscript) else target


def _unpickled(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.name in ("__reduce__", "__reduce_ex__"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Tuple) and inner.value.elts:
                    first = inner.value.elts[0]
                    if _name(first) in _RUNS or isinstance(first, ast.Lambda):
                        yield inner


def _dispatch(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.name in _DISPATCH:
            returned = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
            if returned and all(isinstance(value, ast.Constant) and value.value is True for value in returned):
                yield node


def _replaced(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        targets = node.targets if isinstance(node, ast.Assign) else []
        named = [target for target in targets if isinstance(target, ast.Attribute) and target.attr in _COMPARISONS]
        if any(_name(target.value) in _LIBRARIES for target in named):
            yield node
        if isinstance(node, ast.Call) and _name(node.func) == "setattr" and len(node.args) == 3:
            what = node.args[1]
            if isinstance(what, ast.Constant) and what.value in _COMPARISONS and _name(node.args[0]) in _LIBRARIES:
                yield node


def _graders(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, ast.Import) and any(_GRADERS.search(name.name) for name in node.names):
            yield node
        if isinstance(node, ast.ImportFrom) and _GRADERS.search(node.module or ""):
            yield node
        if isinstance(node, ast.Call) and _name(node.func) in _READS and any(map(_GRADERS.search, _strings(node))):
            yield node


_LOOKS: dict[str, Callable[[list[ast.AST]], Iterator[ast.AST]]] = {
    "other processes": _other_processes,
    "other processes' files": _other_files,
    "calls of the kernel": _kernel,
    "frames of callers": _callers,
    "audit hooks": _tracing,
    "hooks of imports": _import_hooks,
    "code that runs when it is unpickled": _unpickled,
    "answers that decide comparisons": _dispatch,
    "comparisons put in place of a library's": _replaced,
    "files of the grader": _graders,
}
