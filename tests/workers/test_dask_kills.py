"""`autograder grade --hosts` with a Dask cluster of which anything is killed: nothing is lost, nothing is graded twice.

`make test-kill-remote KILLS=1000` kills a thousand times; the suite's share is in `test_dask_pool`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

distributed = pytest.importorskip("distributed")
KILLS = int(os.environ.get("KILLS", "12"))


class Cluster:
    """A scheduler and two workers; `keep` starts anew what has ended, as a cluster's manager does."""

    def __init__(self, folder: Path) -> None:
        texts = distributed.Security.temporary().get_tls_config_for_role("client")
        for name in ("ca_file", "cert", "key"):
            (folder / name).write_text(texts[name])
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"tls://127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder
        self._tls = ["--tls-ca-file", folder / "ca_file", "--tls-cert", folder / "cert", "--tls-key", folder / "key"]
        self.hosts = folder / "hosts.yaml"
        self.hosts.write_text(f"dask: {{scheduler: '{self.address}', ca: ca_file, certificate: cert, key: key}}\n")
        self.scheduler = self._start_scheduler()
        self.workers = [self._start_worker() for _ in range(2)]

    def _start_worker(self) -> subprocess.Popen[bytes]:
        return self._start(
            "dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--local-directory", str(self._folder), "--death-timeout", "60",
        )  # fmt: skip

    def keep(self) -> None:
        if self.scheduler.poll() is not None:
            self.scheduler = self._start_scheduler()
        self.workers = [one if one.poll() is None else self._start_worker() for one in self.workers]

    def _start(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *words, *map(str, self._tls)],
                stdout=log, stderr=log, cwd=self._folder,
                env=os.environ | {"XDG_CACHE_HOME": str(self._folder / "cache"), "OMP_NUM_THREADS": "1"},
            )  # fmt: skip

    def _start_scheduler(self) -> subprocess.Popen[bytes]:
        host, _, port = self.address.removeprefix("tls://").partition(":")
        return self._start("dask_scheduler", "--host", host, "--port", port, "--protocol", "tls", "--no-dashboard",
                           "--dashboard-address", "127.0.0.1:0")  # fmt: skip

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    yield started
    started.close()


@pytest.mark.slow
@pytest.mark.timeout(60 + 60 * KILLS)
def test_whatever_is_killed_each_submission_is_graded_once(
    cluster: Cluster, command: Callable[..., list[str]], sixty: Path, tmp_path: Path
) -> None:
    rng, results, killed = random.Random(KILLS), tmp_path / "results", dict.fromkeys(("worker", "scheduler", "main"), 0)
    words = command(sixty, "--hosts", cluster.hosts, "-o", results, "--no-gradebook")
    rounds, code = 0, 1
    while sum(killed.values()) < KILLS:
        rounds += 1
        main = subprocess.Popen(
            [*words, "--force"] if code == 0 else words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )  # fmt: skip
        while main.poll() is None and sum(killed.values()) < KILLS:
            with contextlib.suppress(subprocess.TimeoutExpired):
                main.wait(rng.uniform(0.5, 4.0))
            kind = rng.choice(["worker", "worker", "worker", "worker", "main", "scheduler"])
            cluster.keep()
            if main.poll() is not None:
                break
            killed[kind] += 1
            {"main": main, "scheduler": cluster.scheduler, "worker": rng.choice(cluster.workers)}[kind].kill()
        _, said = main.communicate()
        code = main.returncode
        assert code in (0, -signal.SIGKILL) or (code == 2 and "was lost" in said), said
    cluster.keep()
    for _ in range(5):  # what the last kill interrupted
        last = subprocess.run(words, capture_output=True, text=True, check=False)
        if last.returncode == 0:
            break
        time.sleep(2.0)
    assert last.returncode == 0, last.stdout + last.stderr
    found = [json.loads(path.read_text()) for path in (results / "staff").rglob("result.json")]
    assert sorted(one["subject"] for one in found) == [f"s{n:02d}" for n in range(60)]
    assert {one["outcome"] for one in found} == {"graded"}
    scores = [next(one["score"] for one in found if one["subject"] == f"s{n:02d}") for n in range(60)]
    assert scores == scores[:6] * 10  # six fates, each ten times
    print(f"\n{killed}, {rounds} runs")
