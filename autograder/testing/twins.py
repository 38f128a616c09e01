"""Public twins: a small fixed example that a student sees after a hidden test failed.

The inputs of a twin are its author's, the same for everybody, and meant to be read; that is why
what the student's code and the reference make of them may be shown in full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy
import torch

from autograder.records import Shown, TwinOutcome
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout
from autograder.sandbox.student import StudentError
from autograder.testing.carry import Reference
from autograder.testing.compare import Check
from autograder.testing.forks import Forks
from autograder.testing.kinds import Mismatch, Opaque, kind_of
from autograder.testing.proxy import Handle, StudentProxy
from autograder.testing.remote import Local, Remote
from autograder.testing.running import RunningTest, running
from autograder.testing.session import TestSession

MAX_TEXT = 1000  # characters
MAX_SIDE = 64  # of a map
MAX_SMALL = 64  # numbers of a tensor that is written out


@dataclass(frozen=True)
class PublicTwin:
    """`run(f)` or `run(f, remote)` with `f` the reference's or the student's names; `shows` is the call as typed."""

    run: Callable[..., Any]
    shows: str


def public_twin(
    name: str = "", *args: Any, run: Callable[..., Any] | None = None, shows: str = "", **kwargs: Any
) -> PublicTwin:
    """A twin that calls one function with plain arguments, or any expression through `run` and `shows`.

    `public_twin("soften", logits, 2.0)`, or `public_twin(run=lambda f: f.SeparableConv2d(3, 8, 3).parameter_count(),
    shows="SeparableConv2d(3, 8, 3)")`. Where it needs a model or loader, `run` takes `remote` as second argument.
    """
    if run is not None:
        if not shows or name:
            raise TypeError("public_twin(run=..., shows=...): `shows` is the call as a student would type it")
        return PublicTwin(run, shows)
    if not name:
        raise TypeError("public_twin needs the name of a function, or run= and shows=")
    written = [_source(argument) for argument in args] + [f"{key}={_source(value)}" for key, value in kwargs.items()]
    return PublicTwin(lambda f: getattr(f, name)(*args, **kwargs), shows or f"{name}({', '.join(written)})")


def run_twin(twin: PublicTwin, session: TestSession, question: str, test: str) -> TwinOutcome:
    """Run the twin with the reference here and with the student's code in a fresh fork.

    Exceptions of the reference and SandboxFault pass through; those of the student's side are shown.
    """
    expected = _plain(_apply(twin, Reference(session.reference), Local()))
    forks = Forks(session)
    try:
        with running(RunningTest(forks, question, test)) as twin_test:
            found, agrees = _student_side(twin, twin_test, expected)
    finally:
        forks.end()
    return TwinOutcome(shows=twin.shows, expected=show(expected), found=found, agrees=agrees)


def _student_side(twin: PublicTwin, test: RunningTest, expected: Any) -> tuple[Shown, bool]:
    try:
        got = _apply(twin, StudentProxy(test), Remote(test))
        found = show(got)
    except StudentError as error:
        return _error(f"{error.type}: {error.message}" if error.message else error.type), False
    except ChannelTimeout:
        return _error("It took too long."), False
    except ChannelClosed as error:
        return _error(f"The program ended: {error.reason}."), False
    except Mismatch as mismatch:
        return _error(mismatch.public), False
    try:
        Check()(got, expected)
    except Mismatch:
        return found, False
    return found, True


def _apply(twin: PublicTwin, names: Any, remote: Any) -> Any:
    return twin.run(names, remote) if len(signature(twin.run).parameters) > 1 else twin.run(names)


def show(value: Any) -> Shown:
    """A value of a public example as a student sees it: numbers, small tensors written out, maps as values."""
    if isinstance(value, (bool, int, float)):
        return Shown(kind="number", text=f"{value:.6g}" if isinstance(value, float) else str(value))
    if isinstance(value, numpy.ndarray):
        tensor = torch.from_numpy(value)
        return show(tensor).model_copy(update={"text": f"a NumPy array: {show(tensor).text}"[:MAX_TEXT]})
    if isinstance(value, torch.Tensor):
        return _show_tensor(value.detach())
    if isinstance(value, (Handle, Opaque)):
        return Shown(kind="text", text=kind_of(value))
    return Shown(kind="text", text=repr(_short_tensors(value))[:MAX_TEXT])


def _show_tensor(tensor: torch.Tensor) -> Shown:
    shape, dtype = tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
    if tensor.ndim == 0:
        return Shown(kind="number", text=f"{tensor.item():.6g}", shape=shape, dtype=dtype)
    is_map = tensor.ndim == 2 and min(shape) > 2 and max(shape) <= MAX_SIDE and not tensor.is_complex()
    small = 0 < tensor.numel() <= MAX_SMALL
    text = _written(tensor) if small else f"a tensor of shape {shape}"
    values = _numbers(tensor) if (is_map or small) and not tensor.is_complex() else None
    return Shown(kind="map" if is_map and not small else "tensor", text=text, shape=shape, dtype=dtype, values=values)


def _numbers(tensor: torch.Tensor) -> Any:
    """Nested lists; what is not finite becomes None, which JSON has a word for."""
    if tensor.is_floating_point():
        rounded = [float(f"{number:.6g}") for number in tensor.double().flatten().tolist()]
        flat: list[Any] = [number if abs(number) < float("inf") else None for number in rounded]
    else:
        flat = tensor.flatten().tolist()
    for length in reversed(tensor.shape[1:]):
        flat = [flat[start : start + length] for start in range(0, len(flat), length)]
    return flat


def _written(tensor: torch.Tensor) -> str:
    if tensor.ndim == 0:
        return f"{tensor.item():.4g}"
    return f"[{', '.join(_written(part) for part in tensor)}]"


def _short_tensors(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return _Written(show(value).text)
    if isinstance(value, (list, tuple)):
        return type(value)(map(_short_tensors, value))
    if isinstance(value, dict):
        return {key: _short_tensors(item) for key, item in value.items()}
    return _Written(f"{value:.6g}") if isinstance(value, float) else value


class _Written:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _plain(value: Any) -> Any:
    return value.detach() if isinstance(value, torch.Tensor) else value


def _error(text: str) -> Shown:
    return Shown(kind="error", text=text[:MAX_TEXT])


def _source(argument: Any) -> str:
    if isinstance(argument, torch.Tensor):
        small = argument.numel() <= MAX_SMALL
        return f"torch.tensor({_written(argument)})" if small else f"<tensor of shape {tuple(argument.shape)}>"
    return repr(argument)
