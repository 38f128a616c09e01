"""What an imported test sees of a student's notebook when it runs in the trusted process.

A test that was written for another grader names the notebook's functions and variables as if they were its own. Here
each name is looked up when the test first uses it: what came with the assignment (modules, the instructor's helpers
and data) is the reference's; a variable of the student's comes as plain data; a function, class or object stays in the
student process and is called there. Exceptions that a call raises over there are raised here as the built-in
exception of the same name, so that `except ValueError:` in a test means what it always meant.

Nothing that the student's side sends is compared by methods of its own: an object that stays there has no equality,
order or truth value here, so one that agrees with everything agrees with nothing.
"""

from __future__ import annotations

import builtins
import copy as copying
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from autograder.sandbox.inside.wire.records import NamedData
from autograder.sandbox.inside.wire.values import HandleRef
from autograder.sandbox.student import StudentError
from autograder.testing.kinds import Mismatch, NotData
from autograder.testing.proxy import named, wrap
from autograder.testing.running import RunningTest

Answer = TypeVar("Answer")
MOST_ITEMS = 100_000  # of an object over there that is iterated


class Names(dict[str, Any]):
    """The globals of an imported test. A name that is not set yet is fetched from where it belongs."""

    def __init__(
        self, test: RunningTest, provided: Collection[str], tests_own: Mapping[str, Any], asked: Collection[str] = ()
    ) -> None:
        """Take `tests_own`, what tests import and define themselves, and `asked`, what the notebook must have too."""
        super().__init__(__name__="__main__", __builtins__=builtins)
        self._test = test
        self._provided = provided
        self._tests_own = tests_own
        self._asked = asked

    def __missing__(self, name: str) -> Any:
        reference = self._test.session.reference
        if name in self._asked:
            over_there(self._test, name, lambda: self._test.request("get", name=name))
        if name in self._provided:  # and never the student's, who would judge with an `assert_equal` of their own
            known = self._tests_own if name in self._tests_own else reference
            value = _own_copy(known[name])
        elif hasattr(builtins, name) and name not in reference:
            raise KeyError(name)
        else:
            value = over_there(self._test, name, lambda: self._test.request("get", name=name))
        self[name] = value
        return value

    def copy(self) -> Names:
        """Return names that are set and fetched apart from these."""
        other = Names(self._test, self._provided, self._tests_own, self._asked)
        other.update(self)
        return other


def _own_copy(value: Any) -> Any:
    """Return provided data as a copy: what one test changes in it, the next submission must not see."""
    if isinstance(value, types.ModuleType) or callable(value):
        return value
    try:
        return copying.deepcopy(value)
    except Exception:  # noqa: BLE001 - any object may refuse, in its own way
        return value


class Thing(NotData):
    """A function, class or object in the student process, used as in the notebook: attributes, calls, items."""

    def __init__(self, test: RunningTest, reference: HandleRef, name: str) -> None:
        self.reference = reference
        self._test = test
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        number = self.reference.number
        return self._there(name, lambda: self._test.request("attr", handle=number, name=name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        number = self.reference.number
        return self._there(self._name, lambda: self._test.call("call_handle", args, kwargs, handle=number))

    def __getitem__(self, key: Any) -> Any:
        return self._method("__getitem__", key)

    def __len__(self) -> int:  # type: ignore[override]
        found = self._method("__len__")
        if type(found) is not int or found < 0:
            raise Mismatch("The answer's length should be a whole number.")
        return found

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        for place in range(min(len(self), MOST_ITEMS)):
            yield self[place]

    def __next__(self) -> Any:
        return self._method("__next__")

    def __repr__(self) -> str:
        return f"<{self._name} in the student process>"

    def in_words(self) -> str:
        return {"object": "an object that is no plain data"}.get(self.reference.kind, f"a {self.reference.kind}")

    def _method(self, name: str, *args: Any) -> Any:
        number = self.reference.number
        return self._there(name, lambda: self._test.call("method", args, {}, handle=number, name=name))

    def _there(self, name: str, ask: Callable[[], Any]) -> Any:
        return over_there(self._test, name, ask)


def over_there(test: RunningTest, name: str, ask: Callable[[], Any]) -> Any:
    """Return what the student process answers, as an imported test expects it: data, or a Thing.

    Raises what student code raised, as the built-in exception of that name.
    """
    try:
        return _as_in_the_notebook(test, name, ask())
    except StudentError as error:
        raise as_built_in(named(error, name), test.session.reference) from None


def as_built_in(error: StudentError, reference: Mapping[str, Any]) -> StudentError:
    """Return the error as an exception of the class that its type's name says, built-in or the instructor's own.

    Classes that would end this process (SystemExit and the like) are not taken.
    """
    found = getattr(builtins, error.type, None) or reference.get(error.type)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        return error
    try:
        kind: Any = type(error.type, (_Raised, type(error), found), {})
        made: StudentError = kind.__new__(kind, error.message)
    except TypeError:  # a class of the instructor's that cannot be made or combined
        return error
    vars(made).update(vars(error))
    made.args = (error.message,)
    return made


class _Raised(Exception):
    """Shows the message alone, as the exception itself does in the notebook."""

    def __init__(self, *_: Any) -> None:
        pass

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


def _as_in_the_notebook(test: RunningTest, name: str, value: Any) -> Any:
    if isinstance(value, HandleRef):
        return Thing(test, value, name)
    if isinstance(value, NamedData):
        return Thing(test, value.handle, name) if value.handle is not None else wrap(value)
    if type(value) in (list, tuple):
        return type(value)(_as_in_the_notebook(test, name, item) for item in value)
    if type(value) is dict:
        return {key: _as_in_the_notebook(test, name, item) for key, item in value.items()}
    return wrap(value)
