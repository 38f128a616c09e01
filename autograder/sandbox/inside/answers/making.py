"""`make`: public torch things that a hidden test hands to student code as arguments.

They are made in the student process, because only plain data crosses: a network from its structure
and weights, a loader from batches, an optimizer over a network's parameters, a seeded generator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import modules
from .errors import RequestError

OWN_PAGES = 1 << 14  # numbers, from which on weights that are not drawn get pages of their own
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}


def make(what: Any, spec: dict[str, Any]) -> Any:
    """Make one thing. `what` is module, loader, optimizer, generator or value; `spec` as in docs/wire.md."""
    maker = _MAKERS.get(what) if isinstance(what, str) else None
    if maker is None:
        raise RequestError("ValueError", f"make knows {', '.join(_MAKERS)}")
    return maker(spec)


def _module(spec: dict[str, Any]) -> Any:
    return modules.build(spec["structure"], spec["state"])


def _loader(spec: dict[str, Any]) -> Any:
    """Return a real DataLoader that yields exactly the given batches, in order.

    Its generator is its own: iterating must not draw from the global one, which a student's
    function may be told to leave alone.
    """
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    batches = spec["batches"]
    single = all(isinstance(batch, torch.Tensor) for batch in batches)
    rows = [[batch] if single else list(batch) for batch in batches]
    columns = [torch.cat(parts) for parts in zip(*rows, strict=True)]
    dataset: Any = columns[0] if single else TensorDataset(*columns)
    indices, start = [], 0
    for row in rows:
        indices.append(list(range(start, start + len(row[0]))))
        start += len(row[0])
    return DataLoader(dataset, batch_sampler=indices, generator=torch.Generator().manual_seed(0))


def _optimizer(spec: dict[str, Any]) -> Any:
    import torch

    name = OPTIMIZERS.get(spec["name"])
    if name is None:
        raise RequestError("ValueError", f"optimizers are {', '.join(OPTIMIZERS)}")
    return getattr(torch.optim, name)(spec["module"].parameters(), **spec["arguments"])


def _generator(spec: dict[str, Any]) -> Any:
    import torch

    return torch.Generator().manual_seed(spec["seed"])


def _value(spec: dict[str, Any]) -> Any:
    """Make data that stays in the student process, so that later requests can hand over the same object."""
    return spec["value"]


_MAKERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "module": _module,
    "loader": _loader,
    "optimizer": _optimizer,
    "generator": _generator,
    "value": _value,
}
