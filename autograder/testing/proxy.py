"""The student's notebook as hidden tests see it: names to call, and handles to objects that stay there.

Plain data comes back as itself. An object comes back as a `Handle`, and what cannot travel as an `Opaque`;
neither compares, orders or has a truth value, because no answer about it could be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from autograder.records import NOT_ANSWERED
from autograder.sandbox.inside.wire.records import Named, NamedData
from autograder.sandbox.inside.wire.values import HandleRef, Other
from autograder.sandbox.student import StudentError
from autograder.testing.inputs import note_inputs
from autograder.testing.kinds import Mismatch, NotData, Opaque
from autograder.testing.randomness import Rng
from autograder.testing.running import RunningTest, current
from autograder.testing.tensors import is_tensor

if TYPE_CHECKING:
    import torch

Kept = TypeVar("Kept")
Row = tuple[str, tuple[int, ...], str, bool, "torch.Tensor | None"]
"""A parameter: name, shape, dtype, requires_grad, grad."""


class MissingName(StudentError):
    """A name that the test asked for is not in the notebook."""

    def __init__(self, name: str) -> None:
        super().__init__("NameError", f"`{name}` is not defined: was its cell deleted, or did it fail?", (), "request")
        self.name = name


_REQUEST_ERRORS = {
    "TypeError": "`{}` cannot be called, or does not give a tensor.",
    "RuntimeError": "The result of `{}` does not depend on its input through autograd: was it detached?",
    "ValueError": "What `{}` returns cannot be sent: it is too large or nested too deep.",
}


class PublicError(StudentError):
    """A request could not be met; its words are ours and hold nothing of the inputs."""


class Function(NotData):
    """`student.name`: called, it calls the notebook's function or class of that name."""

    def __init__(self, test: RunningTest, name: str) -> None:
        self._test = test
        self.name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.note_inputs(args, kwargs)
        return wrap(ask(self._test, self.name, "call", args, kwargs, name=self.name))

    def note_inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Note what the call is made with, where validation asks for it."""
        note_inputs(self._test.question, self._test.session.reference.get(self.name), args, kwargs)

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError(
            f"student.{self.name} is to be called; read a variable's value with student.value({self.name!r})"
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<student.{self.name}>"


class StudentProxy:
    """The `student` fixture. `student.f(x)` calls the notebook's `f`; classes give handles."""

    def __init__(self, test: RunningTest) -> None:
        self._test = test

    def __getattr__(self, name: str) -> Function:
        if name.startswith("__"):
            raise AttributeError(name)
        return Function(self._test, name)

    def value(self, name: str) -> Any:
        """Return the value of a variable. Raises StudentError if it is not defined, Mismatch where it is still
        None.
        """
        try:
            found = wrap(self._test.request("get", name=name))
        except StudentError as error:
            raise named(error, name) from None
        if found is None:
            raise Mismatch(NOT_ANSWERED)
        return found

    def kept(self, name: str, make: Callable[[Rng], Kept]) -> Kept:
        """Return what `make(rng)` gave to an earlier test under this name, or gives now: for networks that take long
        to build.

        It lives as long as the fork that tests share while they pass; a test that fails is run again alone, and makes
        its own, with the same draws. Every test that asks for it must hold for what `make` gives, and for what others
        leave of it.
        """
        found: Kept = self._test.keep(name, make)
        return found

    def has(self, name: str) -> bool:
        """Return whether the notebook defines the name."""
        return self._test.request("has", name=name) is True


class Handle(NotData):
    """An object in the student process. It answers to the test that is running, whichever test made it.

    Calling it calls the object. Any attribute that is not listed here is a method of the object to be
    called; `get(name)` reads an attribute's value.
    """

    def __init__(self, reference: HandleRef) -> None:
        self.reference = reference
        self.held: Any = None  # the data that a test had it made of

    @property
    def _test(self) -> RunningTest:
        return current()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.note_inputs(args, kwargs)
        number = self.reference.number
        return wrap(ask(self._test, self._title(), "call_handle", args, kwargs, handle=number))

    def __getattr__(self, name: str) -> Method:
        if name.startswith("__"):
            raise AttributeError(name)
        return Method(self, name)

    def __repr__(self) -> str:
        return f"<{self.reference.kind} {self.reference.class_name!r} in the student process>"

    def note_inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Note what the module is called with, where it is one of the solution's and validation asks for it."""
        module = self._test.session.reference.get(self.reference.class_name)
        note_inputs(self._test.question, getattr(module, "forward", None), (self, *args), kwargs)

    def _title(self) -> str:
        return f"a {self.reference.kind}"

    def in_words(self) -> str:
        kind = self.reference.kind
        return {"object": "an object that is no plain data"}.get(kind, f"a {kind}")

    def get(self, name: str) -> Any:
        """Return the value of an attribute."""
        return wrap(self._request("attr", name=name))

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return names to tensors (copies). Raises Mismatch if the module answers otherwise."""
        return _checked_state(self._request("state_dict"))

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        """Load weights into the module. Names that do not fit raise StudentError, as in torch."""
        self._test.process("load_state_dict").load_state_dict(self.reference, state)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every parameter by name."""
        return _checked_shapes(self._request("shapes"))

    def parameters(self) -> dict[str, torch.Tensor]:
        """Return parameters by name (copies)."""
        state = self.state_dict()
        return {name: state[name] for name in self.shapes() if name in state}

    def parameter_count(self) -> int:
        """Return number of parameters, counted from their shapes."""
        return sum(math.prod(shape) for shape in self.shapes().values())

    def gradients(self) -> dict[str, torch.Tensor | None]:
        """Return `.grad` of every parameter by name."""
        return {name: grad for name, _, _, _, grad in self.parameter_rows()}

    def parameter_rows(self) -> list[Row]:
        """Return (name, shape, dtype, requires_grad, grad) of every parameter."""
        return _checked_rows(self._request("parameters"))

    def train(self, mode: bool = True) -> Handle:
        self._request("set_training", mode=mode)
        return self

    def eval(self) -> Handle:
        return self.train(False)

    def modes(self) -> dict[str, bool]:
        """Return the dotted name of each submodule (the module itself is "") -> whether it is in training mode."""
        return _checked_modes(self._request("set_training", mode=None))

    def snapshot(self) -> tuple[dict[str, torch.Tensor], dict[str, bool], list[Row]]:
        """Return `state_dict()`, `modes()` and `parameter_rows()` in one request."""
        found = self._request("snapshot")
        if not isinstance(found, tuple) or len(found) != 3:
            raise Mismatch("the model cannot be read.")
        return _checked_state(found[0]), _checked_modes(found[1]), _checked_rows(found[2])

    def drop(self) -> None:
        """Let go of the object."""
        self._request("drop")

    def _request(self, op: str, **fields: Any) -> Any:
        try:
            return self._test.request(op, handle=self.reference.number, **fields)
        except StudentError as error:
            raise named(error, op) from None


class RecordHandle(Handle):
    """An instance of a dataclass, or a figure: its fields are attributes here; anything else is asked over there."""

    def __init__(self, reference: HandleRef | None, class_name: str, fields: dict[str, Any]) -> None:
        super().__init__(reference or HandleRef(-1, "object", class_name))
        self.class_name = class_name
        self.fields = fields

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and name in vars(self).get("fields", {}):
            return self.fields[name]
        return super().__getattr__(name)

    def __repr__(self) -> str:
        return f"{self.class_name}({', '.join(f'{name}={value!r:.80}' for name, value in self.fields.items())})"

    def in_words(self) -> str:
        return "an object with fields"


class Method:
    """`handle.name`, to be called."""

    def __init__(self, handle: Handle, name: str) -> None:
        self.handle = handle
        self.name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        test, number = self.handle._test, self.handle.reference.number
        return wrap(ask(test, self.name, "method", args, kwargs, handle=number, name=self.name))


def gradient(call: Function | Handle | Method, *args: Any, wrt: Any, cotangent: Any = None, **kwargs: Any) -> Any:
    """Return the gradient of the sum of (`call(*args, **kwargs)` times `cotangent`, by default ones).

    `wrt` is the position of a tensor among `args` (then a tensor comes back, or None if the result does
    not depend on it), or a module's handle (then a dict from parameter names).
    """
    if isinstance(call, Function):
        test, op, title = call._test, "call", call.name
        fields: dict[str, Any] = {"name": call.name}
    elif isinstance(call, Handle):
        test, op, title = call._test, "call_handle", call._title()
        fields = {"handle": call.reference.number}
    else:
        test, op, title = call.handle._test, "method", call.name
        fields = {"handle": call.handle.reference.number, "name": call.name}
    if not isinstance(call, Method):
        call.note_inputs(args, kwargs)
    try:
        seconds = test.session.call_seconds(test.test)
        found = test.process("gradient").gradient(op, args, kwargs, wrt, cotangent, seconds, **fields)
        test.note("gradient", found)
        return wrap(found)
    except StudentError as error:
        raise named(error, title) from None


def ask(test: RunningTest, title: str, op: str, args: tuple[Any, ...], kwargs: dict[str, Any], **fields: Any) -> Any:
    try:
        return test.call(op, args, kwargs, **fields)
    except StudentError as error:
        raise named(error, title) from None


def named(error: StudentError, name: str) -> StudentError:
    """Return the error, told about the name that was asked for: a reply's own words about it are not used."""
    if error.where == "request" and error.type == "NameError":
        return MissingName(name)
    if error.where == "request":
        return PublicError(error.type, _REQUEST_ERRORS.get(error.type, "`{}` cannot be used here.").format(name))
    return error


def wrap(value: Any) -> Any:
    """Return plain data as it is; references as handles, in containers too."""
    if isinstance(value, HandleRef):
        return Handle(value)
    if isinstance(value, Other):
        return Opaque(value.type_name)
    if isinstance(value, NamedData):
        fields = {name: wrap(field) for name, field in value.fields.items()}
        return RecordHandle(value.handle, value.class_name, fields)
    if isinstance(value, Named):
        return Named.of(value.class_name, value._fields, map(wrap, value))
    if type(value) in (list, tuple):
        return type(value)(map(wrap, value))
    if type(value) is dict:
        return {key: wrap(item) for key, item in value.items()}
    return value


def _checked_state(found: Any) -> dict[str, torch.Tensor]:
    if not isinstance(found, dict) or not all(
        isinstance(key, str) and is_tensor(value) for key, value in found.items()
    ):
        raise Mismatch("`state_dict()` should give names and tensors.")
    return found


def _checked_modes(found: Any) -> dict[str, bool]:
    if not isinstance(found, dict) or not all(isinstance(mode, bool) for mode in found.values()):
        raise Mismatch("the modes of the module's parts cannot be read.")
    return found


def _checked_rows(found: Any) -> list[Row]:
    if not isinstance(found, list) or not all(_is_row(row) for row in found):
        raise Mismatch("`named_parameters()` should give names and parameters.")
    return found


def _checked_shapes(found: Any) -> dict[str, tuple[int, ...]]:
    if not isinstance(found, dict) or not all(isinstance(name, str) and _is_shape(found[name]) for name in found):
        raise Mismatch("`named_parameters()` should give names and parameters.")
    return found


def _is_shape(value: Any) -> bool:
    return isinstance(value, tuple) and all(type(length) is int and length >= 0 for length in value)


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, tuple)
        and len(row) == 5
        and isinstance(row[0], str)
        and _is_shape(row[1])
        and isinstance(row[2], str)
        and isinstance(row[3], bool)
        and (row[4] is None or is_tensor(row[4]))
    )
