"""What a notebook and the files beside it need installed: found by imports, pinned as constraints.txt has them."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

# Import name -> distribution, where they differ. Others are called alike, up to case, '-' and '_'.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow", "skimage": "scikit-image", "cv2": "opencv-python",
                 "yaml": "pyyaml", "mpl_toolkits": "matplotlib", "IPython": "ipython"}  # fmt: skip
ALWAYS = ("ipykernel", "notebook")  # to open and run it
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)")


class RequirementsError(Exception):
    """An import cannot be traced to a pinned distribution, one message each."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(messages))


def requirements(files: Mapping[str, bytes], constraints: Path) -> str:
    """Return the text of a requirements.txt for Python files and notebooks, which lie side by side under their names.

    An import that is tried and may fail (`try: import …`) is left out where it is not pinned. Raises RequirementsError.
    """
    pins = _pins(constraints)
    local = {name.removesuffix(".py") for name in files if name.endswith(".py")}
    wanted: dict[str, str] = {}
    problems = []
    for place, module, tried in _imports(files):
        if module in local or module in sys.stdlib_module_names:
            continue
        name = _normal(DISTRIBUTIONS.get(module, module))
        if name in pins:
            wanted[name] = pins[name]
        elif not tried:
            problems.append(
                f"{place}: imports {module}, which is neither a public file nor pinned in {constraints.name}; "
                "name its file under public_files, or add its distribution there"
            )
    for name in ALWAYS:
        if name in pins:
            wanted[name] = pins[name]
    if problems:
        raise RequirementsError(list(dict.fromkeys(problems)))
    return "".join(f"{line}\n" for line in sorted(wanted.values(), key=str.lower))


def _pins(constraints: Path) -> dict[str, str]:
    """Return normal name -> the line `name==version`."""
    try:
        lines = constraints.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RequirementsError(
            [f"{constraints}: cannot be read ({error.strerror}); a bundle's requirements are pinned by it"]
        ) from error
    return {_normal(match[1]): match[0] for line in lines if (match := _PIN.fullmatch(line.strip())) is not None}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, bool]]:
    """Yield (file, top-level module, whether the import stands in a `try`) of every import."""
    for name, data in sorted(files.items()):
        if name.endswith(".py"):
            sources = [data.decode("utf-8", "replace")]
        elif name.endswith(".ipynb"):
            cells = json.loads(data)["cells"]
            sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        else:
            continue
        for source in sources:
            plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
            for module, tried in _modules(ast.parse(plain), tried=False):
                yield name, module, tried


def _modules(node: ast.AST, *, tried: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name.partition(".")[0], tried
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0], tried
    for child in ast.iter_child_nodes(node):
        yield from _modules(child, tried=tried or isinstance(node, ast.Try))
