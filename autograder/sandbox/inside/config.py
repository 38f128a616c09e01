"""What the trusted side tells the inside of a slot, once, before any student code is near."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class InsideConfig:
    """Sent as JSON in the first envelope. Paths are as seen inside the slot."""

    preload: tuple[str, ...]  # modules the zygote imports
    import_paths: tuple[str, ...]  # site-packages, for sys.path after the standard library
    confined: bool  # False only in the backend `none`
    memory_cgroup: bool  # whether a memory cgroup counts what rlimits cannot
    kept_paths: tuple[str, ...] = ()  # read-only folders under /tmp, to show again in the private one
    course: str = "/course"
    scratch: str = ""  # backend `none`: the folder that stands for the private tmpfs
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
    """sys.path for student code: the working directory, public files, standard library, packages."""
    return ["", config.course, *standard_library, *config.import_paths]
