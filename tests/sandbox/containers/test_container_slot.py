"""A slot in a container: what it shows, what it keeps apart, what is left of it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from container_limits import LIMITS

from autograder.sandbox.backends.container import PREFIX, ContainerSlot, bind, vouch
from autograder.sandbox.backends.container_engine import Engine
from autograder.sandbox.choose import open_slot
from autograder.sandbox.doctor.selftest import self_test
from autograder.sandbox.interface import ChannelClosed, SandboxFault, SlotConfig
from autograder.sandbox.open import open_container
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.student import StudentProcess


def printed(slot: StreamSlot, source: str) -> str:
    """What a cell prints in a fresh student process."""
    student = StudentProcess(slot.start_student(), LIMITS)
    reply = student.run_cell(source, 0, LIMITS.cell_seconds)
    assert reply.status == "ok", reply.error
    return "".join(str(output.get("text", "")) for output in reply.outputs).strip()


def names(engine: Engine) -> set[str]:
    """Of all containers, running or not; others may be at work on this machine."""
    return set(engine.ask("ps", "--all", "--format", "{{.Names}}").split())


def kept_by(keeper: int) -> tuple[str, Path]:
    """The container's name and the folder that a slot's keeper was told, by its command line."""
    words = Path(f"/proc/{keeper}/cmdline").read_bytes().decode().split("\0")
    plan = next(json.loads(word) for word in words if word.startswith("{"))
    return plan["remove"][-1], Path(plan["folder"])


def test_it_passes_the_self_test_and_says_which_image(slot: StreamSlot) -> None:
    assert self_test(slot, LIMITS) == []
    assert (slot.backend, slot.unsafe) == ("container", False)
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", slot.image)


def test_the_kernel_sees_an_unprivileged_process_under_two_filters(slot: StreamSlot) -> None:
    slot.start_student()
    status = Path(f"/proc/{slot.student_pid()}/status").read_text()
    relay = Path(f"/proc/{slot.relay_pid()}/status").read_text()
    assert int(re.search(r"Seccomp_filters:\t(\d+)", status).group(1)) == 2
    assert int(re.search(r"Seccomp_filters:\t(\d+)", relay).group(1)) == 1
    for text in (status, relay):
        assert "\nNoNewPrivs:\t1\n" in text
        assert re.search(r"\nUid:\t0\t", text) is None
        assert set(re.findall(r"\nCap(?:Prm|Eff|Bnd|Amb):\t([0-9a-f]+)", text)) == {"0" * 16}


def test_only_public_files_are_shown_and_nothing_can_be_written(slot: StreamSlot) -> None:
    assert printed(slot, "import os\nprint(os.listdir('/course'), open('/course/shown.py').read())") == (
        "['shown.py'] SHOWN = 1"
    )
    found = printed(
        slot,
        """
import os
writable = []
for top, folders, _ in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(top, name) not in ("/proc", "/sys")]
    if os.access(top, os.W_OK):
        writable.append(top)
print(sorted(writable))
""",
    )
    # `ptmx` and the like are files; of folders only those of the private tmpfs.
    assert found == "['/dev/shm', '/home/student', '/run/scratch', '/run/scratch/shm', '/run/scratch/student', "\
        "'/run/scratch/tmp', '/run/terminal', '/tmp']"  # fmt: skip


def test_the_socket_of_the_stream_is_gone(slot: StreamSlot) -> None:
    assert printed(slot, "import os\nprint(os.listdir('/sandbox/stream'))") == "[]"


def test_one_student_leaves_nothing_for_the_next(slot: StreamSlot) -> None:
    places = "('/tmp', '/dev/shm', '/home/student', '/run/scratch', '/dev/mqueue', '/var/tmp', '/run', '/dev')"
    printed(
        slot,
        f"""
import os
if os.fork() == 0:
    import time
    time.sleep(60)
for place in {places}:
    try:
        open(place + '/left', 'w').write('x')
    except OSError:
        pass
""",
    )
    left = f"import os\nprint([p for p in {places} if os.path.exists(p + '/left')], os.listdir('/proc').count('2'))"
    assert printed(slot, left) == "[] 0"


def test_limits_are_in_the_cgroup(slot: StreamSlot, engine: Engine) -> None:
    """The engine wrote them where the kernel enforces them."""
    cgroups = Path(f"/proc/{slot.relay_pid()}/cgroup").read_text().splitlines()
    paths = {name: line.split(":")[2] for line in cgroups for name in line.split(":")[1].split(",")}
    if "" in paths and len(paths) == 1:
        folder = Path("/sys/fs/cgroup" + paths[""])
        pids, memory = folder / "pids.max", folder / "memory.max"
    elif engine.rootless:
        pytest.skip("without root no engine has a cgroup of version 1 to write limits into; `doctor` says so")
    else:
        pids = Path("/sys/fs/cgroup/pids" + paths["pids"]) / "pids.max"
        memory = Path("/sys/fs/cgroup/memory" + paths["memory"]) / "memory.limit_in_bytes"
    assert LIMITS.processes < int(pids.read_text()) < LIMITS.processes + 16
    assert LIMITS.memory_bytes < int(memory.read_text()) < LIMITS.memory_bytes + (1 << 30)


def test_memory_beyond_the_limit_ends_the_student_and_not_the_slot(slot: StreamSlot) -> None:
    student = StudentProcess(slot.start_student(), LIMITS)
    source = (
        "import os\nfor _ in range(6):\n    if os.fork() == 0:\n        x = bytearray(b'x') * (100 << 20)\n        "
    )
    with pytest.raises(ChannelClosed) as closed:
        student.run_cell(source + "import time; time.sleep(9)\nimport time; time.sleep(9)", 0, 10)
    assert closed.value.reason == "memory"
    assert printed(slot, "print('well')") == "well"


def test_names_labels_and_logs_tell_nothing(slot: StreamSlot, engine: Engine, public_file: Path) -> None:
    shown = engine.ask("ps", "--filter", "label=autograder.slot", "--format", "{{.Names}} {{.Labels}} {{.Command}}")
    assert re.search(rf"^{PREFIX}[0-9a-f]{{12}} ", shown, re.MULTILINE)
    assert str(Path.home()) + "/" not in shown
    assert os.environ.get("USER", "nobody at all") + "@" not in shown
    made, _ = kept_by(slot.pid)
    [described] = json.loads(engine.ask("inspect", made))
    assert described["HostConfig"]["LogConfig"]["Type"] in ("none", "k8s-file", "journald", "json-file")
    assert not described["HostConfig"]["LogConfig"].get("Path")
    home = re.escape(str(Path.home()))
    text = re.sub(
        home + r"/\.(local/share|config)/containers/", "", json.dumps(described)
    )  # Podman's own, without root
    for word in (str(public_file.parent), str(Path.cwd()), str(Path.home()) + "/"):
        assert word not in text, "what it is shown are copies in a folder of random name"


def test_a_container_killed_in_a_call_is_a_fault_and_leaves_nothing(engine: Engine) -> None:
    slot = open_container(SlotConfig([], [], LIMITS), engine)
    made, folder = kept_by(slot.pid)
    student = StudentProcess(slot.start_student(), LIMITS)
    student.run_cell("import time\ndef wait():\n    time.sleep(30)", 0, 5)
    subprocess.Popen([*engine.command, "kill", made], stdout=subprocess.DEVNULL)
    with pytest.raises(SandboxFault, match="the slot"):
        student.ask("call", name="wait", seconds=20.0)
    slot.close()
    assert made not in names(engine)
    assert not folder.exists()


def test_a_killed_zygote_is_a_fault(engine: Engine) -> None:
    with open_container(SlotConfig([], [], LIMITS), engine) as slot:
        slot.start_student()
        zygote = int(Path(f"/proc/{slot.student_pid()}/status").read_text().split("PPid:\t")[1].split()[0])
        os.kill(zygote, signal.SIGKILL)
        with pytest.raises(SandboxFault, match="zygote ended"):
            slot.start_student()


HOLDER = """
import sys, time
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.choose import open_slot
slot = open_slot("container", SlotConfig([], [], Limits()))
print(slot.pid, flush=True)
time.sleep(60)
"""


def test_a_killed_worker_takes_its_container_along(engine: Engine) -> None:
    worker = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    made, folder = kept_by(int(worker.stdout.readline()))
    assert made in names(engine)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    end = time.monotonic() + 30
    while time.monotonic() < end and (made in names(engine) or folder.exists()):
        time.sleep(0.1)
    assert made not in names(engine)
    assert not folder.exists()


def test_by_name_it_never_becomes_another_sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AUTOGRADER_ENGINE", raising=False)
    with pytest.raises(SandboxFault, match="no container engine: podman is not installed; docker is not installed"):
        open_slot("container", SlotConfig([], [], LIMITS))


def test_the_folder_for_temporary_files_may_have_a_long_name(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        bind(listener, str(folder / "stream"))
        assert stat.S_ISSOCK((folder / "stream").stat().st_mode)


def test_who_has_looked_from_outside_vouches_for_an_ordinary_user_only(
    engine: Engine,
) -> None:
    assert vouch(1000)
    assert not vouch(0)
    slot = open_container(SlotConfig([], [], LIMITS), engine)
    slot.close()
    assert isinstance(slot, ContainerSlot)
    assert slot.uid_vouched == engine.rootless, "where the container's own map tells, it is asked"
