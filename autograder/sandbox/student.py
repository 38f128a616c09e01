"""The trusted client of one student process: requests out, plain data back.

Whatever comes back is data to be judged. A reply that is not exactly an answer to what was asked
(other id, other keys, a value of unknown form, bytes nobody asked for) closes the channel with
reason "protocol"; from then on every request fails the same way, so that no later answer can be
mistaken for an earlier one's.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.inside.wire.decoder import Decoder
from autograder.sandbox.inside.wire.encoder import Encoder
from autograder.sandbox.inside.wire.protocol import (
    MAX_BODY_BYTES,
    ProtocolError,
    RawArray,
    encode_frame,
    parse_json,
    read_frame,
)
from autograder.sandbox.inside.wire.values import CannotBeSent, HandleRef, encode_handle
from autograder.sandbox.interface import Channel, ChannelClosed, ChannelTimeout, Limits

MAX_MESSAGE = 4000  # characters of an exception's message
MAX_LINES = 20  # lines of a student's traceback
CELL_JSON_DEPTH = 24  # how deep the outcome of a cell may nest: nbformat outputs with JSON mime types
CELL_ROOM = 8, 1 << 20  # bytes of a cell's outcome: so many times those of its outputs (JSON escapes), and so many more
MAX_REBOUND = 40  # names that were bound again and are told
MAX_CELL = 1 << 20  # the number of a cell; a longer integer could not even be written down
CELL_GRACE_SECONDS = 5.0  # a cell stops itself at its limit; only then does the channel give up


class StudentError(Exception):
    """Student code raised, or what a test asked for is not there.

    `lines` are the student's own lines, outermost first: cell index, line number in the cell, text.
    `where` is "student" where their code raised, "request" where the request itself could not be met.
    """

    def __init__(
        self, type: str, message: str = "", lines: Sequence[tuple[int, int, str]] = (), where: str = "student"
    ) -> None:
        super().__init__(f"{type}: {message}" if message else type)
        self.type = type
        self.message = message
        self.lines = tuple(lines)
        self.where = where


@dataclass(frozen=True)
class CellReply:
    """Hold what running one cell said of itself. None of it is trusted: it is shown, never scored."""

    status: str  # "ok" | "error" | "timeout"
    error: StudentError | None
    outputs: list[dict[str, Any]]  # nbformat outputs
    seconds: float


@dataclass(frozen=True)
class Rebound:
    """A name that a later cell bound again, as the student process says.

    what: "answer", "provided", "python" (a name of Python's own) or "builtin" (what all code calls by it, in
    `builtins`). cell: where it stands, -1 for Python itself; later: the cell that bound it again; put_back: whether the
    former binding counts.
    """

    what: str
    name: str
    cell: int
    later: int
    put_back: bool


class StudentProcess:
    """One channel to one student process, or to a fork of it made for one test.

    Requests raise StudentError, ChannelTimeout or ChannelClosed; after either of the latter two the
    process is lost and every further request raises the same again.
    """

    def __init__(self, channel: Channel, limits: Limits) -> None:
        self._channel = channel
        self._limits = limits
        self._last_id = 0
        self._seed: int | None = None
        self._lost: ChannelTimeout | ChannelClosed | None = None
        self._most_bytes = MAX_BODY_BYTES  # of a reply
        self.received = 0  # bytes of the last reply

    @property
    def lost(self) -> bool:
        return self._lost is not None

    def run_cell(
        self, source: str, index: int, seconds: float, role: str = "own", names: Sequence[str] = ()
    ) -> CellReply:
        """Run the cell at position `index` of the notebook, for at most `seconds`.

        role: "own", "answer", "stub", "released" or "check"; names: what of it is an answer (`shell/bindings.py`).
        """
        fields: dict[str, Any] = {"source": source, "index": index, "soft_seconds": float(seconds).hex()}
        whose: dict[str, Any] = {"more": {"role": role, "names": list(names)}} if role != "own" else {}
        times, more = CELL_ROOM
        most, self._most_bytes = self._most_bytes, times * self._limits.output_bytes + more
        try:
            reply = self.request("run_cell", seconds + CELL_GRACE_SECONDS, **fields, **whose)
        finally:
            self._most_bytes = most
        try:
            return _cell_reply(reply)
        except ProtocolError as error:
            raise self._broken(error) from error

    def settle(self, seconds: float) -> list[Rebound]:
        """Make the notebook ready to be tested, once its cells have run. Returns the names that were bound again."""
        return [Rebound(*row) for row in _rows(self.request("settle", seconds))]

    def left_nothing(self) -> bool:
        """Return whether the calls so far left everything as it was, as far as the process itself can say.

        False, too, where it does not answer.
        """
        try:
            return StudentProcess.request(self, "unchanged") is True  # no answer to a test, so in nobody's book
        except (StudentError, ChannelClosed, ChannelTimeout):
            return False

    def seed_next(self, value: int) -> None:
        """Seed every generator over there before the next request is carried out."""
        self._seed = value

    def reseed(self, value: int) -> None:
        """Seed as `seed_next` does, in the middle of a test."""
        self._seed = value

    # Where there is a book of answers (`autograder.grading.answers`):

    def count_answers(self) -> int:
        """Return how many answers to the current test are in it."""
        return 0

    def answers_since(self, count: int) -> Any:
        """Return those after the first `count`."""
        return ()

    def answer_again(self, answers: Any) -> None:
        """Let them be answers to the current test, too."""

    def request(self, op: str, seconds: float | None = None, arrays: Sequence[RawArray] = (), **fields: Any) -> Any:
        """Ask for one operation and return its value: numbers, strings, containers, tensors, HandleRef, Other.

        `fields` are JSON values (`ask` encodes others); `seconds` is the time allowed, by
        default the limit of one call.
        """
        if self._lost is not None:
            raise self._lost
        self._last_id += 1
        if self._seed is not None:
            fields, self._seed = {"seed": self._seed, **fields}, None
        frame = encode_frame({"id": self._last_id, "op": op, **fields}, arrays)
        deadline = time.monotonic() + (self._limits.call_seconds if seconds is None else seconds)
        try:
            if self._channel.pending():
                raise ProtocolError("bytes arrived that nobody asked for")
            self._channel.send(frame, deadline)
            self.received = 0
            header, found = read_frame(lambda size: self._receive(size, deadline), self._most_bytes)
            error = _check_reply(header, self._last_id)
            if error is None:
                return _decoded(header["value"], found)
        except ProtocolError as broken:
            raise self._broken(broken) from broken
        except (ChannelTimeout, ChannelClosed) as lost:
            self._lost = lost
            raise
        raise error

    def _receive(self, size: int, deadline: float) -> bytes:
        self.received += size
        return self._channel.receive(size, deadline)

    def ask(
        self,
        op: str,
        args: Iterable[Any] = (),
        kwargs: dict[str, Any] | None = None,
        seconds: float | None = None,
        **fields: Any,
    ) -> Any:
        """Return `call`, `call_handle` or `method` with arguments: plain data, tensors in the layout that they have
        here, and
        what stands for an object over there (a HandleRef, or anything with one in `reference`). Raises CannotBeSent for
        anything else, and ProtocolError for more than a message holds."""
        encoder = Encoder(_argument, strides=True, strict=True)
        encoded = {"args": encoder.encode_list(args), "kwargs": encoder.encode_dict(kwargs or {})}
        return self.request(op, seconds, encoder.arrays, **encoded, **fields)

    def make(self, what: str, spec: dict[str, Any]) -> HandleRef:
        """Make a module, loader, optimizer, generator or value over there (see inside/answers/making.py)."""
        encoder = Encoder(_argument, strides=True, strict=True)
        encoded = encoder.encode_dict(spec)
        made = self.request("make", None, encoder.arrays, what=what, spec=encoded)
        if not isinstance(made, HandleRef):
            raise self._broken(ProtocolError("`make` answered with no handle"))
        return made

    def load_state_dict(self, module: HandleRef, state: dict[str, Any]) -> None:
        encoder = Encoder(_argument, strides=True, strict=True)
        encoded = encoder.encode_dict(state)
        self.request("load_state_dict", None, encoder.arrays, handle=module.number, state=encoded)

    def gradient(
        self,
        op: str,
        args: Iterable[Any],
        kwargs: dict[str, Any],
        wrt: Any,
        cotangent: Any = None,
        seconds: float | None = None,
        **fields: Any,
    ) -> Any:
        """Return the gradient of the sum of (result times `cotangent`, by default ones) of a call.

        `wrt` is the position of a tensor among `args`, or a held module: then the answer is a dict
        from names of parameters that ask for gradients to tensors, None if one has no influence.
        """
        encoder = Encoder(_argument, strides=True, strict=True)
        call = {"op": op, "args": encoder.encode_list(args), "kwargs": encoder.encode_dict(kwargs), **fields}
        encoded = {"call": call, "wrt": encoder.encode(wrt), "cotangent": encoder.encode(cotangent)}
        return self.request("gradient", seconds, encoder.arrays, **encoded)

    def _broken(self, error: ProtocolError) -> ChannelClosed:
        self._lost = ChannelClosed("protocol", str(error))
        return self._lost


def as_sent(thing: Any) -> Any:
    """Return what an argument is at the other end, as plain data: named tuples, instances of dataclasses, numbers of
    NumPy and subclasses of containers arrive in forms of their own. Raises CannotBeSent."""
    encoder = Encoder(_argument, strides=True, strict=True)
    return _decoded(encoder.encode(thing), encoder.arrays)


def _decoded(value: Any, arrays: Sequence[RawArray]) -> Any:
    """Return what a reply holds. Raises ProtocolError, too, where making it fails in a way that nobody thought of: it
    is the student's bytes that do."""
    try:
        return Decoder(arrays, lambda reference: reference).decode(value)
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"a value that cannot be made: {type(error).__name__}") from error


def _rows(found: Any) -> list[list[Any]]:
    """Return the rows of `settle` that have the right form; nothing else is taken over."""
    rows = found if isinstance(found, list) else []
    return [
        row
        for row in rows[:MAX_REBOUND]
        if isinstance(row, list)
        and [type(part) for part in row] == [str, str, int, int, bool]
        and row[1].isidentifier()
        and all(-1 <= number < MAX_CELL for number in row[2:4])
        if row[0] in ("answer", "provided", "python", "builtin") and len(row[1]) <= 100
    ]


def _argument(thing: Any) -> dict[str, Any]:
    reference = thing if isinstance(thing, HandleRef) else getattr(thing, "reference", None)
    if not isinstance(reference, HandleRef):
        raise CannotBeSent(
            f"{type(thing).__name__} cannot be sent to student code: send numbers, strings, containers and "
            "tensors, or make it there with the `remote` fixture"
        )
    return encode_handle(reference)


def _check_reply(header: dict[str, Any], number: int) -> StudentError | None:
    """Return the error a reply carries, or None; raises ProtocolError unless it is a reply to request `number`."""
    if type(header.get("id")) is not int or header["id"] != number:
        raise ProtocolError("a reply to another request")
    if header.get("ok") is True and header.keys() == {"id", "ok", "value"}:
        return None
    if header.get("ok") is False and header.keys() == {"id", "ok", "error"}:
        return parse_error(header["error"])
    raise ProtocolError("a reply that is neither a value nor an error")


def parse_error(found: Any) -> StudentError:
    """Return error E of the wire. Raises ProtocolError if it is none."""
    if type(found) is not dict or found.keys() != {"type", "message", "lines", "where"}:
        raise ProtocolError("an error with missing or extra keys")
    kind, message, lines, where = found["type"], found["message"], found["lines"], found["where"]
    if type(kind) is not str or type(message) is not str or where not in ("student", "request"):
        raise ProtocolError("an error with odd content")
    if type(lines) is not list or len(lines) > MAX_LINES:
        raise ProtocolError("an error whose lines are no short list")
    parsed = []
    for line in lines:
        if type(line) is not list or [type(part) for part in line] != [int, int, str]:
            raise ProtocolError("an error with a line that is not (cell, line, source)")
        parsed.append((line[0], line[1], line[2][:MAX_MESSAGE]))
    return StudentError(kind[:200], message[:MAX_MESSAGE], parsed, where)


def _cell_reply(reply: Any) -> CellReply:
    """Return the outcome of a cell: JSON text in a uint8 array, because outputs outgrow a header."""
    import numpy

    if not isinstance(reply, numpy.ndarray) or reply.dtype != numpy.uint8 or reply.ndim != 1:
        raise ProtocolError("the outcome of a cell that is no array of bytes")
    found = parse_json(reply.tobytes(), CELL_JSON_DEPTH)
    if type(found) is not dict or found.keys() != {"status", "error", "outputs", "seconds"}:
        raise ProtocolError("the outcome of a cell with missing or extra keys")
    status, outputs, seconds = found["status"], found["outputs"], found["seconds"]
    if status not in ("ok", "error", "timeout") or type(outputs) is not list or type(seconds) not in (int, float):
        raise ProtocolError("the outcome of a cell with odd content")
    if any(type(output) is not dict for output in outputs):
        raise ProtocolError("an output of a cell that is no object")
    error = None if found["error"] is None else parse_error(found["error"])
    return CellReply(status, error, outputs, max(0.0, float(seconds)))
