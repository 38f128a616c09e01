"""What torch does differently where notebooks are graded: one thread of a processor, no compiler, no GPU.

- `torch.compile` gives back what it was given: compiling takes a C++ compiler that is not here, and a minute.
- `.cuda()` gives back the tensor or the module itself, so that a habit costs nothing. `device="cuda"` cannot be
  helped: it raises, and the page says why.
- `torch.set_float32_matmul_precision` is noted and changes nothing: "medium" means other numbers on some processors.
"""

from __future__ import annotations

import sys
from typing import Any


def adapt() -> None:
    """Put these meanings in place, if torch is imported."""
    torch: Any = sys.modules.get("torch")
    if torch is None or torch.cuda.is_available():
        return
    precision = [torch.get_float32_matmul_precision()]

    def compile(model: Any = None, **_: Any) -> Any:
        """Return the function or module as it is: nothing is compiled where notebooks are graded."""
        return model if model is not None else lambda function: function

    def set_float32_matmul_precision(value: str) -> None:
        """Note the precision; products are computed in float32 where notebooks are graded."""
        if value not in ("highest", "high", "medium"):
            raise RuntimeError(f"{value!r} is no precision: one of 'highest', 'high', 'medium'")
        precision[0] = value

    def get_float32_matmul_precision() -> str:
        """Return the precision that was asked for."""
        return precision[0]

    def cuda(self: Any, *_: Any, **__: Any) -> Any:
        """Return the tensor or module itself: there is no GPU where notebooks are graded."""
        return self

    def nothing(*_: Any, **__: Any) -> None:
        """Do nothing: there is no GPU where notebooks are graded."""

    torch.compile = compile
    torch.nn.Module.compile = nothing
    torch.Tensor.cuda = torch.nn.Module.cuda = cuda
    torch.cuda.synchronize = torch.cuda.reset_peak_memory_stats = nothing
    torch.set_float32_matmul_precision = set_float32_matmul_precision
    torch.get_float32_matmul_precision = get_float32_matmul_precision
