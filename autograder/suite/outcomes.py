"""From how a hidden test ended to a `TestOutcome`, saying to a student only what may be said.

What the student process says of an exception (its type's name, message, text of lines) is chosen by
student code, which knows the hidden inputs; it could carry them into the feedback. So a type's name is
shown only where it is a known one, lines are shown as the notebook that was handed in has them, and messages
are kept for instructors. The public twin, whose inputs are public, shows everything.
"""

from __future__ import annotations

import builtins
import traceback
from dataclasses import dataclass
from pathlib import Path

from autograder.records import NOT_FILLED, StudentTraceback, TestOutcome, TestStatus
from autograder.sandbox.inside.wire.protocol import ProtocolError
from autograder.sandbox.inside.wire.values import CannotBeSent
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout
from autograder.sandbox.student import StudentError
from autograder.suite.overtime import Overtime
from autograder.suite.prerequisites import Prerequisites
from autograder.testing.artifacts import DataMissing
from autograder.testing.carry import NotCarried
from autograder.testing.kinds import CannotCompare, Mismatch
from autograder.testing.proxy import MissingName, PublicError
from autograder.testing.questions import TestInfo
from autograder.testing.session import TestSession

ENGINE = Path(__file__).parents[1]
REFUSING = ("testing", "sandbox/inside")
MAX_DETAIL = 4000  # characters
OTHER_EXCEPTIONS = {"OutOfMemoryError", "LinAlgError", "AxisError", "UFuncTypeError", "BackendCompilerFailed"}
NO_GPU = (
    "there is no GPU where notebooks are graded. Choose the device by "
    '`"cuda" if torch.cuda.is_available() else "cpu"` and move things by `.to(device)`.'
)
_ASKS_FOR_GPU = (
    "not compiled with CUDA",
    "not linked with support for mps",
    "No CUDA GPUs",
    "Found no NVIDIA",
    "no NVIDIA driver",
    "deserialize object on a CUDA",
)
_ASKS_FOR_MEMORY = ("can't allocate memory", "not enough memory")  # torch's allocator, in a RuntimeError
CLOSED = {
    "exited": "The program ended in the middle of the call: does the code call `exit()` or `quit()`?",
    "signal": "The program crashed in the middle of the call.",
    "memory": "The call needed more memory than a submission may use.",
    "protocol": "The program answered in a form that no function's result has. This is shown to the course staff.",
}

# What a test's own code and a student's bring about, wherever it is raised.
THE_TESTS = (
    *(StudentError, ChannelTimeout, ChannelClosed, AssertionError, DataMissing, Overtime),
    *(CannotBeSent, CannotCompare, ProtocolError),
)
NOT_SENT = "What this test hands to your code cannot be sent to it. Does your code return a value of an unusual kind?"
NOT_COMPARED = (
    "This test expects something that it cannot compare with: a mistake of the test. The course staff see it."
)
BROKE_THE_GRADER = (
    "The grader broke over what your code returned, and again in a fresh start. This is shown to the course staff."
)


@dataclass(frozen=True)
class Judged:
    """An outcome, and the flag for a person that came with it, if any."""

    outcome: TestOutcome
    flag: str = ""


def judge(
    info: TestInfo,
    error: BaseException | None,
    session: TestSession,
    prerequisites: Prerequisites,
    seconds: float,
) -> Judged:
    """Return the outcome of a test that ended with `error` (None: it passed). Its twin is not run yet.

    A SandboxFault never comes here. KeyboardInterrupt and SystemExit of the grader's own pass through. What broke the
    engine itself (`is_ours`) comes here only where it did so before with this notebook, and is this test's then.
    """
    status, message, detail, flag = TestStatus.PASSED, "", "", ""
    trace: StudentTraceback | None = None
    if isinstance(error, StudentError):
        cause = prerequisites.cause(info, error)
        status = TestStatus.NOT_RUN if cause else TestStatus.ERROR
        message = cause or _student_message(error)
        trace = _traceback(error, session)
        detail = str(error)
        prerequisites.note(info, error)
    elif isinstance(error, DataMissing):
        status, detail = TestStatus.NOT_RUN, str(error)
        message = "It could not be judged, because data that it needs are not on the machine that graded."
    elif isinstance(error, ChannelTimeout):
        status, message = (
            TestStatus.TIMEOUT,
            "It took too long: is there an endless loop, or a loop over single numbers?",
        )
    elif isinstance(error, ChannelClosed):
        status, message, detail = TestStatus.ERROR, CLOSED[error.reason], str(error)
        flag = f"{info.name}: broke the protocol ({error.detail})" if error.reason == "protocol" else ""
    elif isinstance(error, Overtime):
        status, message = TestStatus.TIMEOUT, "Judging what your code returned took too long: how large is it?"
    elif isinstance(error, (CannotBeSent, ProtocolError)):  # the author's mistake, or a student's value handed on
        status, message, detail = TestStatus.FAILED, NOT_SENT, _where(error)
        flag = f"{info.name} could not send a value to student code: {_line(error)}"
    elif isinstance(error, CannotCompare):
        status, message, detail = TestStatus.FAILED, NOT_COMPARED, _where(error)
        flag = f"{info.name} expects what cannot be compared: {_line(error)}"
    elif error is not None and is_ours(error):
        status, message, detail = TestStatus.ERROR, BROKE_THE_GRADER, _where(error)
        flag = f"{info.name}: the grader itself broke twice over this notebook ({type(error).__name__})"
    elif isinstance(error, Mismatch):
        status, message, detail = TestStatus.FAILED, error.public, error.private
    elif isinstance(error, AssertionError):
        status, message, detail = TestStatus.FAILED, "The answer is not the expected one.", _where(error)
    elif error is not None:
        status, message = TestStatus.FAILED, "The answer has a form that this test cannot judge."
        detail = _where(error)
    outcome = TestOutcome(
        question=info.question,
        name=info.name,
        title=info.title,
        status=status,
        weight=info.weight,
        forbids=info.forbids,
        all_or_nothing=info.all_or_nothing,
        personal=info.personal,
        message=message,
        detail=detail[:MAX_DETAIL],
        traceback=trace,
        seconds=seconds,
    )
    return Judged(outcome, flag)


def is_ours(error: BaseException) -> bool:
    """Return whether the engine itself failed, so that the submission must not pay: an exception raised by its own
    code, or memory that ran out.

    Code of `autograder.testing` and of values (`sandbox.inside`) also refuses what students return, so what is
    raised there counts as the test's.
    """
    if isinstance(error, MemoryError):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or isinstance(error, THE_TESTS):
        return False
    where = Path(frames[-1].filename)
    return where.is_relative_to(ENGINE) and not any(where.is_relative_to(ENGINE / part) for part in REFUSING)


def not_carried(outcome: TestOutcome, reason: NotCarried) -> TestOutcome:
    """Return the outcome of a test whose earlier function gives nothing to judge it by."""
    message = f"It could not be judged, because `{reason.name}`, on which it stands, {reason.why}."
    changed = {"status": TestStatus.NOT_RUN, "message": message, "detail": str(reason.__cause__ or "")}
    return outcome.model_copy(update=changed)


def not_started(info: TestInfo, reason: str) -> TestOutcome:
    """Return the outcome of a test that did not start because its question or submission ran out of time."""
    return TestOutcome(
        question=info.question,
        name=info.name,
        title=info.title,
        status=TestStatus.TIMEOUT,
        weight=info.weight,
        forbids=info.forbids,
        all_or_nothing=info.all_or_nothing,
        personal=info.personal,
        message=reason,
    )


def partly_passed(outcome: TestOutcome, credit: float) -> TestOutcome:
    """Return the outcome of a test that gave this share of its weight, 0 to 1."""
    if credit >= 1:
        return outcome
    share = f"{credit:.0%}" if 0.01 <= credit <= 0.99 else f"{credit:.3%}"
    message = f"The test gave {share} of its points."
    return outcome.model_copy(update={"status": TestStatus.FAILED, "credit": credit, "message": message})


def public_exception(name: str) -> str:
    """Return the exception's name where it is one that everybody knows: a student can name a class as they like."""
    known = getattr(builtins, name, None)
    if (isinstance(known, type) and issubclass(known, BaseException)) or name in OTHER_EXCEPTIONS:
        return name
    return "Exception"


def _student_message(error: StudentError) -> str:
    if isinstance(error, (MissingName, PublicError)):
        return error.message
    name = public_exception(error.type)
    if name == "NotImplementedError":
        return NOT_FILLED
    if any(words in error.message for words in _ASKS_FOR_GPU):
        return f"Your code asks for a GPU: {NO_GPU}"
    if name == "MemoryError" or any(words in error.message for words in _ASKS_FOR_MEMORY):
        return f"Your code raised {name}: it asks for more memory than a submission may use."
    if name in ("ModuleNotFoundError", "ImportError"):
        return f"Your code raised {name}: it imports something that is not there where notebooks are graded."
    if name == "TypeError" and not error.lines:
        return (
            "It could not be called as the text says: do its arguments still have the names and order of the starter?"
        )
    return f"Your code raised {name}."


def _traceback(error: StudentError, session: TestSession) -> StudentTraceback:
    lines = []
    for cell, number, _ in error.lines:
        source = session.cell_source(cell).splitlines()
        if 0 < number <= len(source):
            lines.append((cell, number, source[number - 1].strip()[:200]))
    message = error.message if isinstance(error, (MissingName, PublicError)) else ""
    return StudentTraceback(exception=public_exception(error.type), message=message, lines=tuple(lines))


def _where(error: BaseException) -> str:
    """Return, for instructors, the exception and the line of the hidden test that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.name}, line {frame.lineno}: {frame.line}" for frame in frames if "hidden_tests" in frame.filename]
    return "\n".join([f"{type(error).__name__}: {error}"[:1000], *lines[-3:]])


def _line(error: BaseException) -> str:
    """Return, for instructors, the exception, and file and line of the hidden test that it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "hidden_tests" in frame.filename]
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}: " if frames else ""
    return f"{place}{error}"[:300]
