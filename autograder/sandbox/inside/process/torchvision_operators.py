"""Makes `import torchvision` work beside a CPU build of torch.

torchvision's wheels for CUDA carry compiled operators that a CPU build of torch cannot load, and
importing torchvision then fails while it registers fake implementations for operators that do not
exist. Declaring the two schemas it asks for is enough: datasets, models, transforms and utilities
work; `torchvision.ops.nms` itself does not. Where the compiled operators load, nothing is done.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def declare_missing() -> Any | None:
    """Declare torchvision's operators if its compiled ones are missing or do not load.

    Imports torch. Returns the `torch.library.Library` that holds the declarations, which the caller
    keeps alive for as long as torchvision may be imported, or None if nothing was needed.
    """
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        return None
    import torch

    untyped: Any = torch  # these parts of torch carry no annotations
    for compiled in Path(found.origin).parent.glob("_C*.so"):
        try:
            untyped.ops.load_library(str(compiled))
        except OSError:
            continue
        return None
    library = untyped.library.Library("torchvision", "DEF")
    for schema in SCHEMAS:
        library.define(schema)
    return library
