"""What the trusted side tells the inside of a slot, once, before any student code is near."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

PATHS = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class InsideConfig:
    """Sent as JSON in the first envelope. Paths are as seen inside the slot."""

    preload: tuple[str, ...]  # modules the zygote imports
    import_paths: tuple[str, ...]  # site-packages, for sys.path after the standard library
    confined: bool  # by namespaces; False in the backends `confined-uid` and `none`
    uid_vouched: bool = False  # the trusted side has seen that the slot's uid is not the kernel's 0: see confine
    kept_paths: tuple[str, ...] = ()  # read-only folders under /tmp, to show again in the private one
    course: str = "/course"
    scratch: str = ""  # backends `confined-uid` and `none`: the folder that stands for the private tmpfs
    own_uids: tuple[int, ...] = ()  # backend `confined-uid`: first and last of the uids to draw from
    landlock: int = 0  # backend `confined-uid`: version of the kernel's Landlock; 0 to do without
    readable: tuple[str, ...] = ()  # with Landlock: what student code may read, with all below it
    listable: tuple[str, ...] = ()  # with Landlock: folders of which it may read the names only
    memory_bytes: int = 2 << 30
    processes: int = 64
    file_bytes: int = 64 << 20
    tmpfs_bytes: int = 256 << 20
    tmpfs_inodes: int = 4096
    output_bytes: int = 1 << 20

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @staticmethod
    def decode(text: bytes) -> InsideConfig:
        fields: dict[str, Any] = json.loads(text)
        plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
        return InsideConfig(**plain)


def import_order(config: InsideConfig, standard_library: Sequence[str]) -> list[str]:
    """Return sys.path for student code: the working directory, public files, standard library, packages."""
    return ["", config.course, *standard_library, *config.import_paths]


ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # pandas imports Arrow where it is installed. The allocators that it brings have a thread of their own or reserve
    # a gigabyte of addresses, which the limit of a fork may refuse: there every column of text was a MemoryError.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


def environment(config: InsideConfig) -> dict[str, str]:
    """Return all environment variables of the zygote and of student code.

    One thread each: a process that has run a parallel operation deadlocks its forks, and threads
    count as processes of the student.
    """
    home, temporary = ("/home/student", "/tmp") if config.confined else (config.scratch, config.scratch)
    if config.own_uids:
        home, temporary = os.path.join(config.scratch, "home"), os.path.join(config.scratch, "tmp")
    return {
        "PATH": f"{os.path.dirname(sys.executable)}:{PATHS}",
        "HOME": home,
        "TMPDIR": temporary,
        "USER": "student",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NBGRADER_EXECUTION": "autograde",  # tests and notebooks made for nbgrader ask for it
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{temporary}/matplotlib",
        **ONE_THREAD,
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # see huge_pages
    }
