"""Which settings of a library hold for a whole process: how each is read, and set to what was read.

A library has an entry in `LIBRARIES` where its settings change answers. It is asked for them when it has been imported,
in the zygote or by a cell.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
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

    def saved_hooks() -> tuple[bool, bool]:
        refused = core._autograd._saved_tensors_hooks_get_disabled_error_message()
        return core._autograd._top_saved_tensors_default_hooks(False) is None, refused is None

    def clear_saved_hooks(_: Any) -> None:
        core._autograd._saved_tensors_hooks_enable()
        while core._autograd._top_saved_tensors_default_hooks(False) is not None:
            core._autograd._pop_saved_tensors_default_hooks()

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
        Setting("hooks of saved tensors", saved_hooks, clear_saved_hooks),
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


def _of_pandas() -> list[Setting]:
    import pandas

    options = pandas._config.config._global_config

    def flat(group: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
        for name, value in group.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{name}.")
            else:
                yield prefix + name, value

    def set_options(values: dict[str, Any]) -> None:
        for name, value in flat(options):
            if value != values[name]:
                pandas.set_option(name, values[name])

    return [Setting("options of pandas", lambda: dict(flat(options)), set_options)]


def _of_matplotlib() -> list[Setting]:
    import matplotlib

    parameters: Any = matplotlib.rcParams

    def read() -> dict[str, Any]:
        found = dict.copy(parameters)  # its own methods warn of what is old, and choose a backend
        for name in ("backend", "backend_fallback", "interactive"):  # ours: figures are caught
            found.pop(name, None)
        return found

    return [Setting("how matplotlib draws", read, lambda values: dict.update(parameters, values))]


def _of_sklearn() -> list[Setting]:
    import sklearn

    return [Setting("settings of scikit-learn", sklearn.get_config, lambda values: sklearn.set_config(**values))]


LIBRARIES: dict[str, Callable[[], list[Setting]]] = {
    "numpy": _of_numpy,
    "torch": _of_torch,
    "pandas": _of_pandas,
    "matplotlib": _of_matplotlib,
    "sklearn": _of_sklearn,
}
