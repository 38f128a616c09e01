"""Keeps one container for as long as its worker lives. A program of its own, as the namespace's warden is.

Theory of operation. The engine's `run` command stays attached while the container runs, so that the
relay's error output arrives. This process starts it and waits for three things: that it ends, that
the worker ends (by a pidfd), and that the worker says so (the end of standard input). In each case the
container is removed by force and the folder of what it was shown is deleted. The worker's signals are
not for it: it leads a session of its own.

When this process itself is killed, the slot's stream still ends with the worker, the relay with the stream,
and the container with the relay; what stays is the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys

REMOVE_SECONDS = 30.0
END_SECONDS = 5.0  # for the container to end by itself at the end of its stream


def main() -> None:
    """Run `container_keeper JSON WORKER_PID`: {"run": command line, "remove": command line, "folder": path}."""
    plan, worker_pid = json.loads(sys.argv[1]), int(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    status = 0
    try:
        worker = os.pidfd_open(worker_pid)
        if os.getppid() == worker_pid:  # else it died before we could watch it
            status = keep(plan["run"], plan["remove"], worker)
    except OSError as error:
        print(f"the container could not be kept: {error}", file=sys.stderr, flush=True)
        status = 70
    finally:
        shutil.rmtree(plan["folder"], ignore_errors=True)
    os._exit(status)


def keep(run: list[str], remove: list[str], worker: int) -> int:
    """Run the container until it, the worker or the worker's interest ends; leave nothing of it."""
    engine = subprocess.Popen(run, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        ended = os.pidfd_open(engine.pid)
        poll = select.poll()
        for descriptor in (ended, worker, 0):
            poll.register(descriptor, select.POLLIN)
        poll.poll()
        # The stream ends together with the worker's interest: a healthy container goes by itself.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return engine.wait(END_SECONDS)
    finally:
        if engine.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired, OSError):
                subprocess.run(remove, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=REMOVE_SECONDS)
            engine.kill()
            engine.wait()
    return engine.returncode


if __name__ == "__main__":
    main()
