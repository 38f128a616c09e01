"""What of the host, the network and the course student code can reach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import Limits, SandboxFault, SlotConfig
from autograder.sandbox.student import StudentProcess

Run = Callable[[str], str]


# Rule 6: the network.


def test_there_is_no_network(run: Run) -> None:
    source = """
import socket
print(sorted(name for _, name in socket.if_nameindex()) if False else open('/proc/net/dev').read().count(':'))
for address in (('127.0.0.1', 80), ('1.1.1.1', 53), ('169.254.169.254', 80)):
    try:
        socket.create_connection(address, timeout=2)
        print('connected')
    except OSError as error:
        print(error.strerror)
"""
    assert run(source).split("\n")[:4] == ["1"] + ["Network is unreachable"] * 3


def test_abstract_sockets_of_the_host_are_out_of_reach(run: Run) -> None:
    import socket

    name = b"\0autograder-test-" + os.urandom(8).hex().encode()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        source = (
            f"import socket\ntry:\n    socket.socket(socket.AF_UNIX).connect({name!r}); print('connected')\n"
            "except OSError as error:\n    print(error.strerror)"
        )
        assert run(source) == "Connection refused\n"


# Rule 7 and the tree: what of the host can be reached.


def test_the_course_is_not_there(run: Run) -> None:
    checkout = Path(__file__).resolve().parents[2]
    probe = f"import os; print([n for n in os.listdir({str(checkout)!r})] if os.path.isdir({str(checkout)!r}) else [])"
    assert set(eval(run(probe), {"__builtins__": {}})) <= {Path(sys.prefix).name}  # noqa: S307 - our own probe
    assert "inside" in run("import os; print(os.listdir('/sandbox'))")


def test_a_course_under_a_bound_path_is_refused(limits: Limits) -> None:
    with pytest.raises(SandboxFault, match="lies under /usr"):
        open_slot("namespace", SlotConfig([], [Path("/usr/bin/env")], limits))
    with pytest.raises(SandboxFault, match="move the course out of"):
        open_slot("namespace", SlotConfig([], [], limits, hidden_paths=[Path(sys.prefix) / "lib"]))


def test_a_link_into_a_bound_path_is_refused(limits: Limits, tmp_path: Path) -> None:
    (tmp_path / "course").symlink_to("/usr/share")
    with pytest.raises(SandboxFault, match="lies under /usr"):
        open_slot("namespace", SlotConfig([], [], limits, hidden_paths=[tmp_path / "course"]))


@pytest.fixture
def public_files(tmp_path: Path) -> list[Path]:
    secret = tmp_path / "hidden_tests.py"
    secret.write_text("SECRET = 1")
    module = tmp_path / "given_module.py"
    module.write_text("ANSWER = 42\n")
    module.chmod(0o600)
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.txt").write_text("image")
    (folder / "a.txt").chmod(0o666)
    folder.chmod(0o777)
    return [module, folder]


def test_public_files_are_read_only_and_importable(
    public_files: list[Path], limits: Limits, run_cell: Callable[[StudentProcess, str], str]
) -> None:
    slot = open_slot("namespace", SlotConfig([], public_files, limits))
    try:
        student = StudentProcess(slot.start_student(), limits)
        assert run_cell(student, "import given_module; print(given_module.ANSWER)") == "42\n"
        assert run_cell(student, "import os; print(sorted(os.listdir('/course')))") == "['given_module.py', 'images']\n"
        for path in ("/course/images/a.txt", "/course/images/new", "/course/new"):
            with pytest.raises(AssertionError, match=r"Read-only file system|Permission denied"):
                run_cell(student, f"open({path!r}, 'a')")
    finally:
        slot.close()


SUBMOUNT = """
import os, sys
from pathlib import Path
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.doctor.selftest import seen_from_outside, self_test
from autograder.sandbox.choose import open_slot
from autograder.sandbox.student import StudentProcess
import subprocess
folder = Path(sys.argv[1])
(folder / "below").mkdir()
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder / "below")], check=True)
slot = open_slot("namespace", SlotConfig([], [folder], Limits()))
student = StudentProcess(slot.start_student(), Limits())
reply = student.run_cell(f"open('/course/{folder.name}/below/x', 'w')", 0, 5)
print(reply.error)
slot.close()
"""


def test_mounts_below_a_public_folder_are_read_only_too(as_root: None, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    folder.mkdir()
    folder.chmod(0o777)
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", SUBMOUNT, str(folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "Read-only file system" in result.stdout, result.stderr


# What /proc tells of the machine.

PROC = """
import json, os
found = {}
for name in ("loadavg", "stat", "vmstat", "uptime", "meminfo", "diskstats", "partitions", "zoneinfo", "locks", "swaps"):
    with open(f"/proc/{name}") as file:
        found[name] = file.read()
    try:
        open(f"/proc/{name}", "w").close()
        if found[name]:  # else it is /dev/null
            found["written"] = name
    except OSError:
        pass
print(json.dumps([found, os.path.exists("/proc/pressure") and os.listdir("/proc/pressure")]))
"""


def test_the_load_of_the_machine_is_not_shown(run: Callable[[str], str], limits: Limits) -> None:
    found, pressure = json.loads(run(PROC))
    assert found["loadavg"].startswith("0.00 0.00 0.00 ")
    assert not pressure
    assert "written" not in found
    assert set("".join(line.partition(" ")[2] for line in found["stat"].splitlines())) <= set("01 ")
    assert f"MemTotal:{limits.memory_bytes >> 10:>16} kB".split() == found["meminfo"].splitlines()[0].split()
    for name in ("diskstats", "partitions", "zoneinfo", "locks", "swaps"):
        assert found[name] == "", name


def test_neither_the_machine_s_name_nor_how_it_was_started_is_told(run: Callable[[str], str]) -> None:
    told = run(
        "import os, socket\nprint(os.uname().nodename, socket.gethostname(), repr(open('/proc/cmdline').read()))"
    )
    assert told == "slot slot ''\n"


def test_mounts_do_not_tell_where_the_course_lies(tmp_path: Path, limits: Limits, run_cell: Callable[..., str]) -> None:
    course = tmp_path / "name-of-the-course"
    (course / "data" / "deep").mkdir(parents=True)
    (course / "given.py").write_text("x = 1\n")
    (course / "data" / "deep" / "table.csv").write_text("1,2\n")
    config = SlotConfig([], [course / "given.py", course / "data"], limits, hidden_paths=[])
    opened = open_slot("namespace", config)
    try:
        student = StudentProcess(opened.start_student(), limits)
        source = "print(open('/proc/self/mountinfo').read(), open('/proc/self/mounts').read())"
        assert "name-of-the-course" not in run_cell(student, source)
        told = run_cell(student, "import given\nprint(given.x, open('/course/data/deep/table.csv').read())")
        assert told == "1 1,2\n\n"
        refused = "try:\n    open('/course/data/deep/new', 'w')\nexcept OSError as error:\n    print(error.errno)"
        assert run_cell(student, refused) in ("30\n", "13\n")
    finally:
        opened.close()


LOCKS = """
import errno, fcntl, os
first, second = os.open("/etc/passwd", os.O_RDONLY), os.open("/etc/passwd", os.O_RDONLY)
fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
fcntl.lockf(first, fcntl.LOCK_SH | fcntl.LOCK_NB)
for word in (fcntl.F_SETLEASE, fcntl.F_NOTIFY):
    try:
        fcntl.fcntl(first, word, 0)
        print("made")
    except PermissionError:
        print("refused")
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.inotify_init1(0), errno.errorcode[ctypes.get_errno()])
"""


def test_files_that_all_students_read_carry_no_words(run: Callable[[str], str]) -> None:
    """A lock of one would be seen by another; libraries that lock are told that they did."""
    assert run(LOCKS) == "refused\nrefused\n-1 EPERM\n"
