"""Harmless stand-ins for modules that students' notebooks import and a sandbox does not have.

They are offered only where the real module is missing: the finder stands last on `sys.meta_path`. Those of INSTEAD take
the place of the real one, too: otter's client checks nothing here, and importing it takes seconds and leaves a thread.
"""

from __future__ import annotations

import re
import sys
import types
import unittest
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any


class ProgressBar:
    """tqdm without the bar: iterates, accepts tqdm's calls, prints nothing."""

    def __init__(self, iterable: Iterable[Any] | None = None, *_: Any, total: float | None = None, **__: Any) -> None:
        self.iterable = iterable
        self.total = total
        self.n = 0.0

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable if self.iterable is not None else ())

    def __len__(self) -> int:
        return len(self.iterable) if hasattr(self.iterable, "__len__") else int(self.total or 0)  # type: ignore[arg-type]

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, n: float = 1) -> None:
        self.n += n

    def _accept(self, *_: Any, **__: Any) -> None:
        return None

    close = refresh = reset = clear = set_description = set_description_str = _accept
    set_postfix = set_postfix_str = display = unpause = _accept

    @classmethod
    def write(cls, text: Any, *_: Any, **__: Any) -> None:
        print(text)

    @classmethod
    def pandas(cls, *_: Any, **__: Any) -> None:
        return None


def _trange(*args: int, **_: Any) -> ProgressBar:
    return ProgressBar(range(*args))


def _noted(what: str, value: Any = None) -> Callable[..., Any]:
    def function(*_: Any, **__: Any) -> Any:
        print(f"[{what}]")
        return value() if callable(value) else value

    return function


def _silent(*_: Any, **__: Any) -> None:
    return None


class OtterNotebook:
    """otter's client in a notebook: accepts its calls (`check`, `check_all`, `export`, …) and does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return _silent


def _show_image(image: Any) -> None:
    import matplotlib.pyplot as plt

    plt.imshow(image[..., ::-1] if getattr(image, "ndim", 2) == 3 else image, cmap="gray")
    plt.axis("off")
    plt.show()


class _Userdata(Exception):
    """google.colab.userdata has no secrets here."""


def _no_secret(key: str) -> str:
    raise _Userdata(f"the secret {key!r} is not available while grading")


_PROGRESS: dict[str, Any] = {
    "tqdm": ProgressBar,
    "trange": _trange,
    "tqdm_notebook": ProgressBar,
    "tnrange": _trange,
    "__version__": "0",
}


def _nose_tools() -> dict[str, Any]:
    """Return the assertions of nose.tools, which old courses use and Python 3.12 does not run: unittest's by their
    other names."""
    case = unittest.TestCase()
    case.maxDiff = None
    found = {
        re.sub(r"([A-Z])", lambda letter: "_" + letter[1].lower(), name): getattr(case, name)
        for name in dir(case)
        if name.startswith("assert") and name != "assert_" and "_" not in name
    }
    return found | {"ok_": case.assertTrue, "eq_": case.assertEqual}


# Name -> its attributes. Packages are the names that have others below them.
MODULES: dict[str, dict[str, Any]] = {
    "google": {},
    "google.colab": {},
    "google.colab.drive": {
        "mount": _noted("Google Drive is not mounted while grading"),
        "flush_and_unmount": _silent,
    },
    "google.colab.files": {
        "upload": _noted("files cannot be uploaded while grading", dict),
        "download": _noted("files are not downloaded while grading"),
        "view": _silent,
    },
    "google.colab.auth": {"authenticate_user": _silent},
    "google.colab.output": {"clear": _silent, "eval_js": _silent, "enable_custom_widget_manager": _silent},
    "google.colab.userdata": {"get": _no_secret, "SecretNotFoundError": _Userdata, "NotebookAccessError": _Userdata},
    "google.colab.patches": {"cv2_imshow": _show_image},
    "google.colab.runtime": {"unassign": _silent},
    "google.colab.data_table": {"enable_dataframe_formatter": _silent, "disable_dataframe_formatter": _silent},
    "nose": {},
    "nose.tools": _nose_tools(),
    "nest_asyncio": {"apply": _silent},
    "otter": {"Notebook": OtterNotebook},
    "tqdm": _PROGRESS,
    "tqdm.auto": _PROGRESS,
    "tqdm.notebook": _PROGRESS,
    "tqdm.autonotebook": _PROGRESS,
    "tqdm.std": _PROGRESS,
}


INSTEAD = ("otter",)


class StandIns(MetaPathFinder, Loader):
    """Finds and loads these modules of MODULES. Put it at the end of sys.meta_path; one for INSTEAD at the front."""

    def __init__(self, names: Collection[str] = MODULES.keys()) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        root = fullname.partition(".")[0]
        loaded = sys.modules.get(root)
        if root in ("tqdm",) and fullname != root and not isinstance(getattr(loaded, "__loader__", None), StandIns):
            return None  # the real tqdm is there; a part that it lacks is not ours to invent
        package = any(name.startswith(fullname + ".") for name in MODULES)
        return ModuleSpec(fullname, self, is_package=package)

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        vars(module).update(MODULES[module.__name__])
        prefix = module.__name__ + "."
        if module.__name__ == "google.colab":  # `from google.colab import drive` and `google.colab.drive` both work
            for name in MODULES:
                if name.startswith(prefix):
                    __import__(name)


@contextmanager
def standing_in() -> Iterator[None]:
    """Let imports find the stand-ins, for the block, where the real module is missing."""
    finder = StandIns()
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
