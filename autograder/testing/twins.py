"""Public twins: a small fixed example that a student sees after a hidden test failed.

The inputs of a twin are its author's, the same for everybody, and meant to be read; that is why
what the student's code and the reference make of them may be shown in full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any, get_args

from autograder.records import Drawn, Shown, TwinOutcome
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout
from autograder.sandbox.student import StudentError
from autograder.testing.carry import Reference
from autograder.testing.compare import Check
from autograder.testing.forks import Forks
from autograder.testing.kinds import Mismatch
from autograder.testing.proxy import StudentProxy
from autograder.testing.remote import Local, Remote
from autograder.testing.running import RunningTest, running
from autograder.testing.session import TestSession
from autograder.testing.shown import CUT, MAX_TEXT, show, source
from autograder.testing.tensors import is_tensor


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
    """Return a twin that calls one function with plain arguments, or any expression through `run`.

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
            written = [*map(source, args), *(f"{key}={source(value)}" for key, value in kwargs.items())]
            text, is_call = f"{name}({', '.join(written)})", CUT not in "".join(written)
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


def _plain(value: Any) -> Any:
    return value.detach() if is_tensor(value) else value


def _error(text: str) -> Shown:
    return Shown(kind="error", text=text[:MAX_TEXT])
