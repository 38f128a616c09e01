"""Public twins: a small fixed example that a student sees after a hidden test failed.

The inputs of a twin are its author's, the same for everybody, and meant to be read; that is why
what the student's code and the reference make of them may be shown in full.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any, get_args

import numpy
import torch

from autograder.records import Drawn, Shown, TwinOutcome
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
MAX_DRAWN = 12_288  # numbers that are drawn: three colours of 64 x 64
_CUT = "<"  # begins what stands for an argument that is too long to be written


@dataclass(frozen=True)
class PublicTwin:
    """`run(f)` or `run(f, remote)` with `f` the reference's or the student's names.

    shows: the call as a student would type it, or, where `is_call` is false, a description of the example.
    drawn_as: the kind of the value where it is drawn: "image", "map" or "curve".
    """

    run: Callable[..., Any]
    shows: str
    is_call: bool = True
    drawn_as: Drawn = ""


def public_twin(
    name: str = "",
    *args: Any,
    run: Callable[..., Any] | None = None,
    shows: str = "",
    describes: str = "",
    drawn_as: Drawn = "",
    **kwargs: Any,
) -> PublicTwin:
    """A twin that calls one function with plain arguments, or any expression through `run`.

    `public_twin("soften", logits, 2.0)`, or `public_twin(run=lambda f: f.SeparableConv2d(3, 8, 3).parameter_count(),
    shows="SeparableConv2d(3, 8, 3).parameter_count()")`. Where it needs a model or loader, `run` takes `remote` as
    second argument.

    `shows` is Python that runs in the student's notebook (`validate` runs it in the solution's); what cannot be typed
    as such is described in words, with `describes` instead. `drawn_as` says what the value is where it is drawn: an
    "image" (`(H, W)`, `(C, H, W)` or `(N, C, H, W)`; one or three channels), a "map" (`(…, H, W)`) or a "curve"
    (`(points,)` or `(curves, points)`). Of a tuple or list, its first tensor of that kind is drawn, with those of the
    same shape.
    """
    if drawn_as not in get_args(Drawn):
        raise TypeError(f"public_twin(drawn_as={drawn_as!r}): expected one of image, map, curve")
    if shows and describes:
        raise TypeError("public_twin: `shows` is a call and `describes` replaces it; give one of them")
    text, is_call = shows or describes, not describes
    if run is None:
        if not name:
            raise TypeError("public_twin needs the name of a function, or run= with shows= or describes=")
        if not text:
            written = [*map(_source, args), *(f"{key}={_source(value)}" for key, value in kwargs.items())]
            text, is_call = f"{name}({', '.join(written)})", _CUT not in "".join(written)
        return PublicTwin(lambda f: getattr(f, name)(*args, **kwargs), text, is_call, drawn_as)
    if not text or name:
        raise TypeError("public_twin(run=…): `shows` is the call as a student types it, `describes` replaces it")
    return PublicTwin(run, text, is_call, drawn_as)


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
    return TwinOutcome(
        shows=twin.shows,
        expected=show(expected, twin.drawn_as),
        found=found,
        agrees=agrees,
        is_call=twin.is_call,
        drawn_as=twin.drawn_as,
    )


def _student_side(twin: PublicTwin, test: RunningTest, expected: Any) -> tuple[Shown, bool]:
    try:
        got = _apply(twin, StudentProxy(test), Remote(test))
        found = show(got, twin.drawn_as)
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


def show(value: Any, drawn_as: Drawn = "") -> Shown:
    """A value of a public example as a student sees it: numbers, small tensors written out, maps as values.

    drawn_as: the kind of what is drawn of it; then its numbers come along.
    """
    if drawn_as and (drawn := _drawable(value, drawn_as)) is not None:
        shown = show(value)
        numbers = _numbers(drawn)
        return shown.model_copy(update={"kind": "map", "values": numbers, "shape": shown.shape or tuple(drawn.shape)})
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


def _drawable(value: Any, drawn_as: Drawn) -> torch.Tensor | None:
    """The numbers that are drawn of a value, as one tensor; None where there are none, or too many."""
    least = 1 if drawn_as == "curve" else 2
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(entry, (int, float)) for entry in value):
            value = torch.tensor(value, dtype=torch.float64) if drawn_as == "curve" else None
        else:
            parts = [part for part in map(_as_tensor, value) if part is not None and part.ndim >= least]
            alike = [part for part in parts if part.shape == parts[0].shape and part.dtype == parts[0].dtype]
            value = torch.stack(alike) if len(alike) > 1 else parts[0] if parts else None
    tensor = _as_tensor(value)
    if tensor is None or tensor.ndim < least or not 0 < tensor.numel() <= MAX_DRAWN or tensor.is_complex():
        return None
    return tensor.detach()


def _as_tensor(value: Any) -> torch.Tensor | None:
    if isinstance(value, numpy.ndarray):
        return torch.from_numpy(value)
    return value if isinstance(value, torch.Tensor) else None


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
    """An argument as Python that makes it again, to be pasted."""
    if isinstance(argument, torch.Tensor):
        if argument.numel() > MAX_SMALL:
            return f"{_CUT}tensor of shape {tuple(argument.shape)}>"
        made = argument.dtype in (torch.float32, torch.int64, torch.bool)  # what torch.tensor makes of such numbers
        return f"torch.tensor({_literal(argument)}{'' if made else f', dtype={argument.dtype}'})"
    if isinstance(argument, list):
        return f"[{', '.join(map(_source, argument))}]"
    if isinstance(argument, tuple):
        return f"({', '.join(map(_source, argument))}{',' if len(argument) == 1 else ''})"
    if isinstance(argument, dict):
        return f"{{{', '.join(f'{_source(key)}: {_source(value)}' for key, value in argument.items())}}}"
    return repr(argument)


def _literal(tensor: torch.Tensor) -> str:
    if tensor.ndim > 0:
        return f"[{', '.join(map(_literal, tensor))}]"
    if not tensor.is_floating_point():
        return str(tensor.item())
    number = tensor.float().numpy()[()] if tensor.dtype != torch.float64 else tensor.item()
    return str(number) if math.isfinite(number) else f'float("{number}")'
