"""What torch does differently where notebooks are graded: one thread of a processor, no compiler, no GPU.

- `torch.compile` gives back what it was given: compiling takes a C++ compiler that is not here, and a minute.
- `.cuda()` gives back the tensor or the module itself, so that a habit costs nothing. `device="cuda"` cannot be
  helped: it raises, and the page says why.
- `torch.set_float32_matmul_precision` and `torch.backends.….fp32_precision` are noted and change nothing: "medium" and
  "bf16" mean other numbers on some processors.
- `torch.set_default_device("cuda")` is left out, like `.cuda()`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def adapt() -> None:
    """Put these meanings in place, if torch is imported."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    _one_precision(torch)
    if not torch.cuda.is_available():
        _no_gpu(torch)

    def compile(model: Any = None, **_: Any) -> Any:
        """Return the function or module as it is: nothing is compiled where notebooks are graded."""
        return model if model is not None else lambda function: function

    torch.compile = compile
    torch.nn.Module.compile = _nothing()


def _nothing() -> Callable[..., None]:
    """Return a function that does nothing: one for each place, since torch keeps tables of its functions."""

    def nothing(*_: Any, **__: Any) -> None:
        """Do nothing: there is neither a compiler nor a GPU where notebooks are graded."""

    return nothing


def _one_precision(torch: Any) -> None:
    """Let every way to ask for products of less than float32 be noted, and change nothing."""
    core = torch._C
    asked = {"products": torch.get_float32_matmul_precision()}
    noted: dict[tuple[str, str], str] = {}
    set_precision, get_precision = core._set_fp32_precision_setter, core._get_fp32_precision_getter

    def set_float32_matmul_precision(value: str) -> None:
        """Note the precision; products are computed in float32 where notebooks are graded."""
        if value not in ("highest", "high", "medium"):
            raise RuntimeError(f"{value!r} is no precision: one of 'highest', 'high', 'medium'")
        asked["products"] = value

    def get_float32_matmul_precision() -> str:
        """Return the precision that was asked for."""
        return asked["products"]

    def note(backend: str, operation: str, value: str) -> Any:
        """Note what `torch.backends.….fp32_precision` is set to; raises what torch raises for an odd word."""
        before = get_precision(backend, operation)
        done = set_precision(backend, operation, value)
        set_precision(backend, operation, before)
        noted[backend, operation] = value
        return done

    def read(backend: str, operation: str) -> Any:
        return noted.get((backend, operation)) or get_precision(backend, operation)

    core._set_fp32_precision_setter, core._get_fp32_precision_getter = note, read
    core._set_float32_matmul_precision = lambda value: set_float32_matmul_precision(value)
    core._get_float32_matmul_precision = lambda: get_float32_matmul_precision()
    torch.set_float32_matmul_precision = set_float32_matmul_precision
    torch.get_float32_matmul_precision = get_float32_matmul_precision
    core._set_onednn_allow_tf32 = type(torch.backends.mkldnn).__dict__["allow_tf32"].setter = _nothing()


def _no_gpu(torch: Any) -> None:
    """Let calls that only move things to a GPU, or wait for one, do nothing."""
    set_default_device = torch.set_default_device

    def here() -> Callable[..., Any]:
        def itself(self: Any, *_: Any, **__: Any) -> Any:
            """Return the tensor or module itself: there is no GPU where notebooks are graded."""
            return self

        return itself

    def set_default(device: Any) -> None:
        """Set the default device; one that is not here changes nothing."""
        if device is None or torch.device(device).type in ("cpu", "meta"):
            set_default_device(device)

    torch.Tensor.cuda, torch.nn.Module.cuda, torch.Tensor.pin_memory = here(), here(), here()
    for name in ("synchronize", "reset_peak_memory_stats", "set_device"):
        setattr(torch.cuda, name, _nothing())
    torch.set_default_device = set_default
