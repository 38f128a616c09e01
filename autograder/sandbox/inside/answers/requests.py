"""Answers the trusted side's requests in the student process.

This code runs beside student code and may be patched, replaced or lied to by it; nothing it says is
trusted (`sandbox/student.py` checks the form, the tests judge the content). It has to be robust all
the same: an honest notebook with odd objects in it must get an honest answer, and an exception of
any kind, from any method of a student's object, must become an error reply.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ..wire.decoder import Decoder
from ..wire.encoder import Encoder
from ..wire.protocol import ProtocolError, RawArray, encode_frame, parse_json
from ..wire.records import rebuilt
from ..wire.values import HandleRef, type_name
from . import errors, making
from .errors import RequestError
from .handles import HandleTable

NOT_FORKABLE = {"polars"}  # libraries whose threads do the work, and of which a fork has none
CELL_JSON_DEPTH = 24  # as in sandbox/student.py


def _of_numpy() -> Callable[[int], Any] | None:
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is None:
        return None
    seed = numpy_random.seed
    return lambda value: seed(value % 2**32)


def _of_torch() -> Callable[[int], Any] | None:
    """Seed torch's generator. `torch.manual_seed` looks at every kind of device first and costs a fresh fork 16 ms;
    here is one kind."""
    torch = sys.modules.get("torch")
    return None if torch is None else torch.default_generator.manual_seed


# How to find what seeds a library's generator; None where the library is not imported.
_SEEDERS: dict[str, Callable[[], Callable[[int], Any] | None]] = {
    "random": lambda: random.seed,
    "numpy.random": _of_numpy,
    "torch": _of_torch,
}


@dataclass(frozen=True)
class _Wire:
    """A result that already is a wire value."""

    value: Any


class Interpreter:
    """One per student process; a fork for a test inherits it with its handles.

    `shell` has `run_cell(source, index, soft_seconds) -> dict` and the notebook's `namespace`.
    """

    def __init__(self, shell: Any) -> None:
        if "numpy" in sys.modules:
            import_module("numpy.random")  # lazy in NumPy; here, before any fork, it costs once and not per test
        self._seeders = {name: seed for name, find in _SEEDERS.items() if (seed := find()) is not None}
        self._shell = shell
        self._handles = HandleTable()
        self._encoder = Encoder(self._handles.add)
        self._operations: dict[str, Callable[[dict[str, Any]], Any]] = {
            "run_cell": self._run_cell,
            "settle": self._settle,
            "unchanged": self._unchanged,
            "forkable": self._forkable,
            "has": self._has,
            "get": self._get,
            "call": self._call,
            "call_handle": self._call_handle,
            "attr": self._attr,
            "method": self._method,
            "make": self._make,
            "state_dict": self._state_dict,
            "load_state_dict": self._load_state_dict,
            "parameters": self._parameters,
            "shapes": self._shapes,
            "set_training": self._set_training,
            "snapshot": self._snapshot,
            "gradient": self._gradient,
            "drop": self._drop,
            "add_probe": self._add_probe,
            "seed": self._seed,
        }
        self._decoder = Decoder((), self._resolve)

    def answer(self, header: dict[str, Any], arrays: list[RawArray]) -> bytes:
        """Return the frame that replies to one request. Never raises: every exception becomes an error reply."""
        number = header.get("id")
        try:
            operation = self._operations.get(header.get("op", ""))
            if operation is None:
                raise RequestError("ValueError", "there is no such operation")
            self._decoder = Decoder(arrays, self._resolve, self._rebuilt)
            self._encoder = Encoder(self._handles.add)
            if "seed" in header:
                self._set_seeds(header["seed"])
            result = operation(header)
            value = result.value if type(result) is _Wire else self._encoder.encode(result)
            return encode_frame({"id": number, "ok": True, "value": value}, self._encoder.arrays)
        except ProtocolError as error:
            problem: BaseException = RequestError("ValueError", f"the answer cannot be sent: {error}")
        except BaseException as error:  # noqa: BLE001 - student code may raise anything, SystemExit too
            problem = error
        return encode_frame({"id": number, "ok": False, "error": errors.describe(problem)})

    def _resolve(self, reference: HandleRef) -> Any:
        return self._handles.get(reference.number)

    def _rebuilt(self, class_name: str, fields: dict[str, Any], named: bool) -> Any:
        """Return an instance of the notebook's class of this name, where it has one with these fields."""
        return rebuilt(dict.get(self._shell.namespace, class_name), class_name, fields, named)

    def _named(self, name: Any) -> Any:
        try:
            return dict.__getitem__(self._shell.namespace, name)
        except (KeyError, TypeError):
            raise RequestError("NameError", f"`{name}` is not defined: was its cell deleted, or did it fail?") from None

    def _target(self, request: dict[str, Any]) -> Any:
        return self._handles.get(request["handle"])

    # -- the notebook ------------------------------------------------------------------------

    def _run_cell(self, request: dict[str, Any]) -> Any:
        seconds, more = float.fromhex(request["soft_seconds"]), request.get("more", {})
        outcome = self._shell.run_cell(request["source"], request["index"], seconds, **more)
        try:
            text = _json_bytes(outcome)
        except (ProtocolError, TypeError, ValueError, RecursionError):
            # outputs of odd content (NaN, objects in a JSON bundle) are left out; the cell's status is not
            text = _json_bytes({**outcome, "outputs": []})
        self._encoder.arrays.append(RawArray("uint8", (len(text),), text))
        return _Wire({"ndarray": 0})

    def _settle(self, request: dict[str, Any]) -> Any:
        """Make the notebook ready to be tested."""
        return self._shell.settle()

    def _unchanged(self, request: dict[str, Any]) -> bool:
        """Return whether the calls so far left nothing behind."""
        return bool(self._shell.unchanged())

    def _forkable(self, request: dict[str, Any]) -> bool:
        """Return whether a fork of this process can do what it can do."""
        return not NOT_FORKABLE & sys.modules.keys()

    def before_test(self) -> None:
        """Make ready for a fork for tests; called before each."""
        self._shell.before_test()

    def _names(self) -> list[str]:
        return [name for name in list(self._shell.namespace) if type(name) is str and not name.startswith("_")]

    def _has(self, request: dict[str, Any]) -> bool:
        return request["name"] in self._shell.namespace

    def _get(self, request: dict[str, Any]) -> Any:
        return self._named(request["name"])

    # -- calls -------------------------------------------------------------------------------

    def _arguments(self, request: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        return self._decoder.decode(request["args"]), self._decoder.decode(request["kwargs"])

    def _invoke(self, request: dict[str, Any], function: Any) -> Any:
        if not callable(function):
            raise RequestError("TypeError", f"it is of type {type_name(type(function))}, which cannot be called")
        args, kwargs = self._arguments(request)
        if request.get("echo") is True:  # the arguments as the call left them, to be compared by the trusted side
            kept = list(args), dict(kwargs)
            result = function(*args, **kwargs)
            return (result, *kept)
        return function(*args, **kwargs)

    def _call(self, request: dict[str, Any]) -> Any:
        return self._invoke(request, self._named(request["name"]))

    def _call_handle(self, request: dict[str, Any]) -> Any:
        return self._invoke(request, self._target(request))

    def _method(self, request: dict[str, Any]) -> Any:
        return self._invoke(request, getattr(self._target(request), request["name"]))

    def _attr(self, request: dict[str, Any]) -> Any:
        return getattr(self._target(request), request["name"])

    # -- things of torch ---------------------------------------------------------------------

    def _make(self, request: dict[str, Any]) -> Any:
        return _Wire(self._handles.add(making.make(request["what"], self._decoder.decode(request["spec"]))))

    def _state_dict(self, request: dict[str, Any]) -> Any:
        return dict(self._target(request).state_dict())

    def _load_state_dict(self, request: dict[str, Any]) -> None:
        self._target(request).load_state_dict(self._decoder.decode(request["state"]))

    def _parameters(self, request: dict[str, Any]) -> list[Any]:
        return _rows(self._target(request))

    def _shapes(self, request: dict[str, Any]) -> dict[str, tuple[int, ...]]:
        return {name: tuple(parameter.shape) for name, parameter in self._target(request).named_parameters()}

    def _set_training(self, request: dict[str, Any]) -> dict[str, bool] | None:
        """Set the mode; where it is null, tell every submodule's mode instead."""
        module = self._target(request)
        if request["mode"] is None:
            return _modes(module)
        module.train(request["mode"])
        return None

    def _snapshot(self, request: dict[str, Any]) -> tuple[Any, ...]:
        """Return state dict, modes and parameters at once: what `unchanged` compares."""
        module = self._target(request)
        return dict(module.state_dict()), _modes(module), _rows(module)

    def _gradient(self, request: dict[str, Any]) -> Any:
        """Return the gradient of the sum of (result times cotangent) with respect to an argument, by position, or to
        the parameters of a module that is held."""
        import torch

        call = request["call"]
        function = self._function(call)
        args, kwargs = self._arguments(call)
        wrt, cotangent = self._decoder.decode(request["wrt"]), self._decoder.decode(request["cotangent"])
        if isinstance(wrt, int):
            args[wrt] = args[wrt].requires_grad_()
            names, inputs = None, [args[wrt]]
        else:
            pairs = [pair for pair in wrt.named_parameters() if pair[1].requires_grad]
            names, inputs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        with torch.enable_grad():
            result = function(*args, **kwargs)
        if not isinstance(result, torch.Tensor):
            raise RequestError("TypeError", "the result is not a tensor, so it has no gradient")
        if not result.requires_grad:
            raise RequestError("RuntimeError", "the result does not depend on its inputs through autograd")
        total = result.sum() if cotangent is None else (result * cotangent).sum()
        found = torch.autograd.grad(total, inputs, allow_unused=True)
        return found[0] if names is None else dict(zip(names, found, strict=True))

    def _function(self, call: dict[str, Any]) -> Any:
        if call["op"] == "call":
            return self._named(call["name"])
        return self._target(call) if call["op"] == "call_handle" else getattr(self._target(call), call["name"])

    def _drop(self, request: dict[str, Any]) -> None:
        self._handles.drop(request["handle"])

    def _seed(self, request: dict[str, Any]) -> None:
        self._set_seeds(request["value"])

    def _set_seeds(self, value: int) -> None:
        """Seed every generator that student code may draw from: in a fork they are all the same. The functions are
        those from before the notebook, which may have put others in their places.
        """
        for name, find in _SEEDERS.items():
            seed = self._seeders.get(name) or find()
            if seed is not None:
                seed(value)

    def _add_probe(self, request: dict[str, Any]) -> Any:
        """Run a probe's source in a namespace of its own; the notebook's names are in `student`."""
        import types

        namespace = types.ModuleType("probe")
        vars(namespace)["student"] = types.SimpleNamespace(**{name: self._named(name) for name in self._names()})
        exec(compile(request["source"], "<probe>", "exec", dont_inherit=True), vars(namespace))  # noqa: S102 - the course's own public text
        return _Wire(self._handles.add(namespace))


def _rows(module: Any) -> list[Any]:
    return [
        (name, tuple(parameter.shape), str(parameter.dtype), bool(parameter.requires_grad), parameter.grad)
        for name, parameter in module.named_parameters()
    ]


def _modes(module: Any) -> dict[str, bool]:
    return {name: bool(part.training) for name, part in module.named_modules()}


def _json_bytes(outcome: dict[str, Any]) -> bytes:
    text = json.dumps(outcome, allow_nan=False).encode()
    parse_json(text, CELL_JSON_DEPTH)
    return text
