"""open_slot(): the strongest sandbox that can be had, or the one asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from autograder.sandbox.backends.container import choose_image
from autograder.sandbox.backends.container_engine import find_engine
from autograder.sandbox.doctor import remembered_passes
from autograder.sandbox.doctor.examine import examine
from autograder.sandbox.doctor.selftest import self_test
from autograder.sandbox.interface import SandboxFault, Slot, SlotConfig
from autograder.sandbox.open import open_named
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.template import SlotTemplate

FORKED = "namespace, forked"
ADVICE = (
    "Namespaces need Linux 5.14 or newer and the right to make them: see that the sysctl "
    "user.max_user_namespaces is not 0, that kernel.unprivileged_userns_clone is not 0, that "
    "kernel.apparmor_restrict_unprivileged_userns is 0 (or run as root), and that a container around this allows "
    "unshare and mount. `autograder doctor` shows what fails. The backend `none` is no sandbox "
    "and is only taken by name; so is `confined-uid`, for containers that grade one submission and are thrown away"
)


def open_slot(backend: Literal["container", "namespace", "confined-uid", "none", "auto"], config: SlotConfig) -> Slot:
    """Start a slot. `auto` takes the strongest backend that passes its self-test, and never `confined-uid` or `none`.

    Raises SandboxFault, with what to do about it, where the slot cannot be had.
    """
    if backend == "auto":
        return _open_strongest(config)
    if backend in ("container", "namespace", "confined-uid", "none"):
        return open_named(backend, config)
    known = "auto, container, namespace, confined-uid, none"
    raise SandboxFault(f"there is no sandbox backend {backend!r}: known are {known}")


def may_fork(backend: str, image: str = "") -> bool:
    """Return whether slots of this backend can be forked from a template; `auto` takes containers where it can."""
    if backend != "auto" or image:
        return backend == "namespace"
    try:
        choose_image(find_engine(), image)
    except SandboxFault:
        return True
    return False


def open_template(backend: str, config: SlotConfig) -> SlotTemplate:
    """Start a template from which slots of the backend `namespace` are forked.

    For `auto`, one of them passes a self-test first. Raises SandboxFault.
    """
    slot = open_named("namespace", replace(config, template=True))
    assert isinstance(slot, StreamSlot)
    template = SlotTemplate(slot, config)
    if backend != "auto" or remembered_passes.recently(FORKED, ""):
        return template
    try:
        with template.open(template.fork()) as forked:
            failures = _tested(forked, config, FORKED)
        if failures:
            raise SandboxFault(f"a forked slot fails its self-test: {'; '.join(failures)}")
    except BaseException:
        template.close()
        raise
    return template


def _open_strongest(config: SlotConfig) -> StreamSlot:
    """Return the first of the backends, from the strongest down, that opens and passes its self-test.

    What passed is remembered until the machine starts anew (`remembered_passes`). A container is tried only where the
    default image, or the one that was asked for, is there: asking for an image is asking for a container.
    """
    faults = []
    names: tuple[Literal["container", "namespace"], ...] = ("container", "namespace")
    for name in names[:1] if config.image else names:
        try:
            slot = open_named(name, config)
        except SandboxFault as fault:
            faults.append(f"{name}: {fault}")
            continue
        failures = _tested(slot, config)
        if not failures:
            return slot
        slot.close()
        faults.append(f"{name} fails its self-test: {'; '.join(failures)}")
    raise SandboxFault(f"no sandbox can be had on this machine. {'. '.join(faults)}. {ADVICE}")


def _tested(slot: StreamSlot, config: SlotConfig, kind: str = "") -> list[str]:
    """Return what does not hold, in words: in the slot itself, then in one of its kind that is attacked as by
    `autograder doctor`. Closes the slot where the test itself breaks. kind: by which it is remembered; the backend's
    name without it."""
    kind = kind or slot.backend
    if remembered_passes.recently(kind, slot.image):
        return []
    try:
        failures = self_test(slot, config.limits)
        if not failures:
            examined = examine("container" if slot.backend == "container" else "namespace", slot.image)
            failures = [f"{check.name}: no ({check.found})" for check in examined.checks if not check.ok]
    except BaseException:
        slot.close()
        raise
    if not failures:
        remembered_passes.remember(kind, slot.image)
    return failures
