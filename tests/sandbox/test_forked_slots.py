"""Slots that are forked from one template: students at once, apart from each other as in slots of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.sandbox.choose import open_template
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.sandbox.inside.process.student_process import descendants
from autograder.sandbox.interface import ChannelClosed, Limits, SandboxFault, SlotConfig
from autograder.sandbox.student import StudentProcess
from autograder.sandbox.template import ForkedSlot, SlotTemplate
from tests.sandbox.test_slot import wait_gone

RunCell = Callable[[StudentProcess, str], str]
KINDS = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup")


@pytest.fixture(scope="module")
def template(limits: Limits) -> Iterator[SlotTemplate]:
    made = open_template("namespace", SlotConfig(preload=["numpy"], public_files=[], limits=limits))
    yield made
    made.close()


@dataclass
class Seat:
    """A slot with a student in it."""

    slot: ForkedSlot
    student: StudentProcess

    @property
    def pid(self) -> int:
        return self.slot.student_pid()


@pytest.fixture
def seats(template: SlotTemplate, limits: Limits) -> Iterator[Callable[[int], list[Seat]]]:
    """`seats(n)`: so many slots from one template, each with a student process."""
    with ExitStack() as stack:

        def make(count: int) -> list[Seat]:
            slots = [stack.enter_context(template.open(template.fork())) for _ in range(count)]
            return [Seat(slot, StudentProcess(slot.start_student(), limits)) for slot in slots]

        yield make


def test_students_at_once_share_no_namespace_and_no_user(
    seats: Callable[[int], list[Seat]], template: SlotTemplate
) -> None:
    first, second = seats(2)
    around = template._slot.zygote_pid
    for kind in KINDS:
        found = {os.readlink(f"/proc/{pid}/ns/{kind}") for pid in (first.pid, second.pid, around, os.getpid())}
        assert len(found) == 4, f"{kind} namespaces are shared"
    for seat in (first, second):
        status = status_of(seat.pid)
        assert {status[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
        assert status["Seccomp"] == ["2"]
        relay = status_of(seat.slot.relay_pid())
        assert {relay[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert {status_of(around)[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    if os.getuid() == 0:
        users = [set(status_of(pid)["Uid"]) for pid in (first.pid, second.pid, around)]
        assert all(len(user) == 1 for user in users)
        assert len(set.union(*users, {"0"})) == 4, "each slot has a user of the kernel's of its own"


def test_a_forked_slot_holds_no_descriptor_of_another(seats: Callable[[int], list[Seat]]) -> None:
    made = seats(3)
    links = []
    for seat in made:
        for pid in (seat.slot.relay_pid(), seat.slot.zygote_pid, seat.pid):
            links.append({os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")})
    sockets = [{link for link in found if link.startswith("socket:")} for found in links]
    assert [len(found) for found in sockets] == [2, 1, 2] * 3, "stream and zygote; relay; control and data"
    assert len(set.union(*sockets)) == sum(map(len, sockets)), "no socket is in two processes"


LEAVE_WORDS = """
import fcntl, os, socket
open('/tmp/word', 'w').write('canary')
open('/dev/shm/word', 'w').write('canary')
open('word', 'w').write('canary')
word = socket.socket(socket.AF_UNIX)
word.bind('\\0word')
word.listen()
locked = open(os.__file__)
fcntl.flock(locked, fcntl.LOCK_EX)
"""
LOOK_FOR_WORDS = """
import fcntl, os, socket
found = [path for path in ('/tmp/word', '/dev/shm/word', 'word') if os.path.exists(path)]
found += [name for name in os.listdir('/proc') if name.isdigit() and name != '1']
try:
    socket.socket(socket.AF_UNIX).connect('\\0word')
    found.append('socket')
except ConnectionRefusedError:
    pass
try:
    fcntl.flock(open(os.__file__), fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    found.append('lock')
print(found)
"""


def test_no_word_passes_between_students_at_once(seats: Callable[[int], list[Seat]], run_cell: RunCell) -> None:
    first, second = seats(2)
    run_cell(first.student, LEAVE_WORDS)
    assert run_cell(second.student, LOOK_FOR_WORDS) == "[]\n"


MANY_PIPES = """
import fcntl, os, time
ready, tell = os.pipe()
for _ in range(12):
    if os.fork() == 0:
        kept = []
        try:
            while len(kept) < 110:
                kept.append(os.pipe())
        finally:
            os.write(tell, b'.')
            time.sleep(60)
for _ in range(12):
    os.read(ready, 1)
"""
SIZE_OF_A_PIPE = "import fcntl, os\nprint(fcntl.fcntl(os.pipe()[0], fcntl.F_GETPIPE_SZ))"


def test_what_the_kernel_counts_for_a_user_is_not_shared(
    seats: Callable[[int], list[Seat]], run_cell: RunCell, as_root: None
) -> None:
    """The kernel gives small pipes to a user who has many, so their size would be a word between students."""
    first, second = seats(2)
    usual = run_cell(first.student, SIZE_OF_A_PIPE)
    run_cell(first.student, MANY_PIPES)
    assert int(run_cell(first.student, SIZE_OF_A_PIPE)) < int(usual), "the first has enough of them"
    assert run_cell(second.student, SIZE_OF_A_PIPE) == usual


FORK_ALL = """
import os, time
count = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except OSError:
    print(count)
"""
FILL = """
import os
count = 0
with open('/tmp/full', 'wb') as file:
    try:
        while True:
            count += file.write(bytes(1 << 20))
            file.flush()
    except OSError:
        pass
print(count >> 20)
"""


def test_limits_hold_for_each_of_four_students(
    seats: Callable[[int], list[Seat]], run_cell: RunCell, limits: Limits
) -> None:
    made = seats(4)
    counts = [int(run_cell(seat.student, FORK_ALL)) for seat in made]
    assert counts == [counts[0]] * 4, "processes of one are not counted for another"
    assert 0 < counts[0] < limits.processes
    again = seats(4)
    filled = [int(run_cell(seat.student, FILL)) for seat in again]
    assert filled == [filled[0]] * 4
    assert 0 < filled[0] <= limits.tmpfs_bytes >> 20


HOG = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        block = bytearray(60 << 20)
        block[::4096] = bytes(len(block[::4096])).replace(b'\\0', b'x')
        time.sleep(60)
time.sleep(60)
"""


def test_every_student_is_watched_and_only_the_hog_is_ended(
    seats: Callable[[int], list[Seat]], run_cell: RunCell
) -> None:
    made = seats(4)
    for hog in (2, 3):
        with pytest.raises(ChannelClosed) as ended:
            made[hog].student.run_cell(HOG, 0, 30)
        assert ended.value.reason == "memory"
    for seat in made[:2]:
        assert run_cell(seat.student, "print('here')") == "here\n"
    assert made[2].slot.end_student().peak_memory_bytes > 200 << 20
    made[2].slot.start_student()


def test_a_slot_ends_alone(seats: Callable[[int], list[Seat]], run_cell: RunCell, limits: Limits) -> None:
    first, second, third = seats(3)
    below = [first.slot.relay_pid(), first.slot.zygote_pid, first.pid]
    first.slot.close()
    assert wait_gone(below) == []
    below = [second.slot.relay_pid(), second.slot.zygote_pid, second.pid]
    os.kill(second.slot.relay_pid(), signal.SIGKILL)
    assert wait_gone(below) == [], "all of a slot ends with its relay"
    with pytest.raises(SandboxFault):
        second.slot.start_student()
    assert run_cell(third.student, "print('here')") == "here\n"


def test_all_slots_end_with_their_template_and_say_so(limits: Limits) -> None:
    config = SlotConfig(preload=[], public_files=[], limits=limits)
    template = open_template("namespace", config)
    slots = [template.open(template.fork()) for _ in range(2)]
    students = [StudentProcess(slot.start_student(), limits) for slot in slots]
    warden = template._slot.pid
    below = descendants(warden)
    assert len(below) == 2 + 3 * 2
    os.kill(template._slot.zygote_pid, signal.SIGKILL)
    assert wait_gone(below) == []
    for slot, student in zip(slots, students, strict=True):
        with pytest.raises(SandboxFault):
            student.request("has", name="x")
        slot.close()
    with pytest.raises(SandboxFault):
        template.fork()
    template.close()
    assert wait_gone([warden]) == []


def test_a_slot_with_a_student_is_no_template(limits: Limits) -> None:
    template = open_template("namespace", SlotConfig(preload=[], public_files=[], limits=limits))
    try:
        template._slot.start_student()
        with pytest.raises(SandboxFault, match="no slot can be forked from this one"):
            template.fork()
    finally:
        template.close()


def test_a_fork_that_nobody_opens_ends(template: SlotTemplate) -> None:
    forked = template.fork()
    pid = forked.relay.pid
    assert Path(f"/proc/{pid}").exists()
    forked.let_go()
    assert wait_gone([pid]) == []
