"""The seccomp profile of a whole container slot, in the engines' JSON.

Theory of operation. A student process brings a filter of its own (`process.seccomp`), which is installed last and
cannot be taken off. This profile is the wall around that: it binds the relay and the zygote too, from
before their first instruction. Both come from one list. The profile lets through only what the zygote does to
confine its forks: `clone` with new namespaces, and `mount` inside them; outside a namespace of its own
a process of the container has no capability to mount anything. What a container's own start needs (pivot_root,
setns, sethostname) the engine does before the profile binds.
"""

from __future__ import annotations

import errno
import os
from typing import Any

from autograder.sandbox.inside.process.seccomp import AF_INET, AF_INET6, AF_UNIX, DENIED

# What a fork needs to close itself in; its own filter refuses them afterwards (`process.confine`).
FOR_CONFINING = frozenset({"mount", "mount_setattr", "move_mount", "open_tree"})
_ARCHITECTURES = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}
_ALLOW, _ERROR = "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"
FAMILIES = (AF_UNIX, AF_INET, AF_INET6)
FAMILIES_KNOWN = 64  # address families that exist, with room; the student process's own filter needs no such list


def profile(machine: str | None = None) -> dict[str, Any]:
    """Return the profile for `machine` (as in os.uname; this one by default). Raises OSError for an unknown
    architecture.
    """
    machine = machine or os.uname().machine
    if machine not in _ARCHITECTURES:
        raise OSError(f"no seccomp profile for the architecture {machine}: known are {', '.join(_ARCHITECTURES)}")
    column = tuple(_ARCHITECTURES).index(machine)
    refused = [name for name, numbers in DENIED.items() if numbers[column] is not None and name not in FOR_CONFINING]
    calls: list[dict[str, Any]] = [
        {"names": sorted(refused), "action": _ERROR, "errnoRet": errno.EPERM},
        {"names": ["clone3"], "action": _ERROR, "errnoRet": errno.ENOSYS},
    ]
    # Conditions on one argument are alternatives to the engines, so "none of these three" is said one by one.
    for family in range(FAMILIES_KNOWN):
        if family not in FAMILIES:
            unwanted = {"index": 0, "value": family, "op": "SCMP_CMP_EQ"}
            calls.append({"names": ["socket"], "action": _ERROR, "errnoRet": errno.EPERM, "args": [unwanted]})
    return {"defaultAction": _ALLOW, "architectures": [_ARCHITECTURES[machine]], "syscalls": calls}
