"""The suite on a machine that has better things to do: `make test-busy`.

A test that races the clock passes on an idle machine and fails on a shared one. Here every core runs a busy loop at a
higher priority, so that the suite gets about a tenth of the processor: a call that takes a millisecond elsewhere may
take fifty. What fails here and not in `make test` waits for a time where it should wait for an event.

Arguments go to pytest: `make test-busy ARGS=tests/sandbox`.
"""

from __future__ import annotations

import os
import subprocess
import sys

NICE = 10  # of the suite: a weight of 110 beside 1024


def main(arguments: list[str]) -> int:
    """Exit status of pytest; the busy loops end with this process, however it ends."""
    loop = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): sum(range(100_000))"
    busy = [subprocess.Popen([sys.executable, "-S", "-c", loop, str(os.getpid())]) for _ in range(os.cpu_count() or 1)]
    workers = str(os.cpu_count() or 1)  # not `auto`: nobody waits for an idle core here
    command = [sys.executable, "-m", "pytest", "-m", "not slow", "-n", workers, "--dist", "loadfile", "--timeout=1800"]
    try:
        return subprocess.run(command + arguments, preexec_fn=lambda: os.nice(NICE), check=False).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        for process in busy:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
