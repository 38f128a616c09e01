"""Settings of Python and its libraries that hold for a whole process: hidden tests start from the defaults.

A notebook that ends with `torch.set_default_dtype(torch.float64)`, `torch.set_grad_enabled(False)` or
`warnings.simplefilter("error")` changes what every later call means, and a precision that only some processors have
makes answers depend on the machine. So before tests each setting is put back to what it was when the libraries were
imported, or to what provided code set it to. What a student's function needs, it sets itself.

Random generators are not here: they are seeded anew for every test.
"""

from __future__ import annotations

import builtins
import decimal
import gc
import importlib
import locale
import operator
import os
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_HOOKS = (
    *("_global_forward_hooks", "_global_forward_pre_hooks", "_global_backward_hooks", "_global_backward_pre_hooks"),
    *("_global_buffer_registration_hooks", "_global_module_registration_hooks"),
    *("_global_parameter_registration_hooks", "_global_forward_hooks_with_kwargs"),
    "_global_forward_hooks_always_called",
)


@dataclass(frozen=True)
class Setting:
    """One setting: how to read it, as something that can be compared, and how to set it to what was read."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], Any]


class LibraryState:
    """The settings of this process, as they should be when a test begins."""

    def __init__(self) -> None:
        """Take what they are now as the default. Libraries that are not imported yet are not looked at."""
        self._settings = _of_python() + (_of_numpy() if "numpy" in sys.modules else [])
        self._settings += _of_torch() if "torch" in sys.modules else []
        self._defaults = self.read()

    def take(self) -> None:
        """Take what the settings are now as the default: a student process has another working directory and import
        path than the process that it was forked from."""
        self._defaults = self.read()

    def read(self) -> list[Any]:
        """Return the value of every setting. One that cannot be read counts as None."""
        return [_quietly(setting.read) for setting in self._settings]

    def accept(self, before: list[Any]) -> None:
        """Take for a default what changed since `before`: provided code did it."""
        for place, (old, new) in enumerate(zip(before, self.read(), strict=True)):
            if old != new:
                self._defaults[place] = new

    def restore(self) -> list[str]:
        """Put every setting back to its default. Return the names of those that differed."""
        differed = []
        for setting, value, default in zip(self._settings, self.read(), self._defaults, strict=True):
            if value != default:
                differed.append(setting.name)
                _quietly(lambda: setting.write(default))  # noqa: B023 - called at once
        return differed

    def is_default(self) -> bool:
        """Return whether every setting is as tests should find it."""
        return self.read() == self._defaults


def _quietly(ask: Callable[[], Any]) -> Any:
    with suppress(Exception):  # a library that a student patched
        return ask()
    return None


def _of_python() -> list[Setting]:
    def set_filters(filters: tuple[Any, ...]) -> None:
        warnings.filters[:] = filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]

    def read_environment() -> dict[Any, Any]:
        return dict(os.environ._data)  # type: ignore[attr-defined]  # as bytes: decoding takes longer than all the rest

    def set_environment(variables: dict[bytes, bytes]) -> None:
        os.environ.clear()
        os.environ.update({os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()})

    def read_decimal() -> tuple[Any, ...]:
        now = decimal.getcontext()
        return now.prec, now.rounding, now.Emin, now.Emax, now.capitals, now.clamp

    def built_in() -> bool:
        return all(map(operator.is_, map(vars(builtins).get, own), own.values()))

    def set_warn(functions: tuple[Any, Any]) -> None:
        warnings.showwarning, warnings.formatwarning = functions

    own = {name: value for name, value in vars(builtins).items() if name != "_"}
    return [
        Setting("warnings", lambda: tuple(warnings.filters), set_filters),
        Setting("how warnings are shown", lambda: (warnings.showwarning, warnings.formatwarning), set_warn),
        Setting("recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
        Setting("digits of integers", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
        Setting("import path", lambda: tuple(sys.path), lambda path: sys.path.__setitem__(slice(None), path)),
        Setting("environment", read_environment, set_environment),
        Setting("working directory", os.getcwd, os.chdir),
        Setting("locale", lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
        Setting("garbage collection", lambda: (gc.isenabled(), gc.get_threshold()), _set_garbage_collection),
        Setting("decimal context", read_decimal, lambda _: decimal.setcontext(decimal.Context())),
        Setting("built-in functions", built_in, lambda _: vars(builtins).update(own)),
    ]


def _set_garbage_collection(state: tuple[bool, tuple[int, int, int]]) -> None:
    gc.set_threshold(*state[1])
    (gc.enable if state[0] else gc.disable)()


def _of_numpy() -> list[Setting]:
    import numpy

    def set_print(options: str) -> None:
        numpy.set_printoptions(**print_options)

    print_options: dict[str, Any] = {
        key: value for key, value in numpy.get_printoptions().items() if key != "override_repr"
    }
    return [
        Setting("NumPy's errors", numpy.geterr, lambda errors: numpy.seterr(**errors)),
        Setting("NumPy's error call", numpy.geterrcall, numpy.seterrcall),
        Setting("how NumPy prints", lambda: repr(numpy.get_printoptions()), set_print),
    ]


def _of_torch() -> list[Setting]:
    import torch

    core, modules = torch._C, importlib.import_module("torch.nn.modules.module")
    kept: list[Any] = []  # guards that must live

    def set_inference(on: bool) -> None:
        kept.append(core._InferenceMode(on))

    def set_device(_: Any) -> None:
        torch.set_default_device(None)
        while core._len_torch_function_stack() > modes[0]:
            core._pop_torch_function_stack()
        while core._len_torch_dispatch_stack() > modes[1]:
            core._pop_torch_dispatch_stack()

    def read_modes() -> tuple[int, int]:
        return core._len_torch_function_stack(), core._len_torch_dispatch_stack()

    def set_autocast(state: tuple[bool, Any, bool]) -> None:
        torch.set_autocast_enabled("cpu", state[0])
        torch.set_autocast_dtype("cpu", state[1])
        torch.set_autocast_cache_enabled(state[2])

    def set_cudnn(state: tuple[bool, ...]) -> None:
        flags = torch.backends.cudnn
        flags.enabled, flags.benchmark, flags.deterministic = state

    def set_print(state: dict[str, Any]) -> None:
        vars(torch._tensor_str.PRINT_OPTS).update(state)

    def set_conversion(state: tuple[bool, bool]) -> None:
        torch.__future__.set_overwrite_module_params_on_conversion(state[0])
        torch.__future__.set_swap_module_params_on_conversion(state[1])

    def clear_hooks(_: Any) -> None:
        for name in _HOOKS:
            getattr(modules, name).clear()

    modes = read_modes()
    debug: Any = torch.utils.deterministic
    return [
        Setting("default dtype", torch.get_default_dtype, torch.set_default_dtype),
        Setting("gradients", torch.is_grad_enabled, core._set_grad_enabled),
        Setting("inference mode", torch.is_inference_mode_enabled, set_inference),
        Setting("default device", read_modes, set_device),
        Setting("precision of products", torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
        Setting(
            "deterministic algorithms",
            lambda: (core._get_deterministic_algorithms(), core._get_deterministic_algorithms_warn_only()),
            lambda state: core._set_deterministic_algorithms(state[0], warn_only=state[1]),
        ),
        Setting(
            "uninitialised memory",
            lambda: debug.fill_uninitialized_memory,
            lambda on: setattr(debug, "fill_uninitialized_memory", on),
        ),
        Setting("number of threads", torch.get_num_threads, torch.set_num_threads),
        Setting(
            "anomaly detection",
            lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
            lambda state: torch.set_anomaly_enabled(*state),
        ),
        Setting(
            "autocast",
            lambda: (
                torch.is_autocast_enabled("cpu"),
                torch.get_autocast_dtype("cpu"),
                torch.is_autocast_cache_enabled(),
            ),
            set_autocast,
        ),
        Setting(
            "cuDNN",
            lambda: (
                torch.backends.cudnn.enabled,
                torch.backends.cudnn.benchmark,
                torch.backends.cudnn.deterministic,
            ),
            set_cudnn,
        ),
        Setting("oneDNN", core._get_mkldnn_enabled, core._set_mkldnn_enabled),
        Setting("denormal numbers", _denormals, torch.set_flush_denormal),
        Setting("repeated warnings", torch.is_warn_always_enabled, torch.set_warn_always),
        Setting("how torch prints", lambda: dict(vars(torch._tensor_str.PRINT_OPTS)), set_print),
        Setting("hooks of all modules", lambda: sum(len(getattr(modules, name)) for name in _HOOKS), clear_hooks),
        Setting(
            "conversion of modules",
            lambda: (
                torch.__future__.get_overwrite_module_params_on_conversion(),
                torch.__future__.get_swap_module_params_on_conversion(),
            ),
            set_conversion,
        ),
    ]


def _denormals() -> bool:
    """Return whether the processor takes the smallest numbers for zero."""
    return sys.float_info.min * 0.5 == 0.0
