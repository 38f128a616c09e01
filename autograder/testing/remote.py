"""The `remote` fixture: public torch things made in the student process, to be handed to student code."""

from __future__ import annotations

import copy as copying
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograder.sandbox.inside.answers import making, modules
from autograder.sandbox.inside.wire.values import HandleRef
from autograder.testing.inputs import note_input
from autograder.testing.proxy import Handle, wrap
from autograder.testing.running import RunningTest

if TYPE_CHECKING:
    import torch
    from torch import nn


class Remote:
    """Makes things beside student code."""

    def __init__(self, test: RunningTest) -> None:
        self._test = test

    def copy(self, model: nn.Module) -> Handle:
        """Return a copy of a network of public layers: same structure, weights, modes and frozen parameters."""
        state = {key: value.detach() for key, value in model.state_dict().items()}
        return self._make("module", {"structure": modules.describe(model), "state": state})

    def loader(self, batches: Sequence[Any]) -> Handle:
        """Return a DataLoader that yields exactly these batches (tuples of tensors, or tensors), in order."""
        for batch in batches:
            note_input(self._test.question, "loader", batch[0] if isinstance(batch, (tuple, list)) and batch else batch)
        return self._make("loader", {"batches": list(batches)})

    def sgd(self, model: Handle, lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> Handle:
        """Make torch.optim.SGD over all parameters of a module's handle."""
        return self._optimizer("sgd", model, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    def adam(self, model: Handle, lr: float = 1e-3, weight_decay: float = 0.0) -> Handle:
        """Make torch.optim.Adam over all parameters of a module's handle."""
        return self._optimizer("adam", model, {"lr": lr, "weight_decay": weight_decay})

    def generator(self, seed: int) -> Handle:
        """Return a seeded torch.Generator. Two with one seed draw the same."""
        return self._make("generator", {"seed": seed})

    def value(self, value: Any) -> Handle:
        """Make data that stays there, so that several calls get the same object. Read it with `read`."""
        handle = self._make("value", {"value": value})
        handle.held = value
        return handle

    def read(self, handle: Handle) -> Any:
        """Return the data behind a handle made by `value`."""
        probe = self.probe("def read(thing):\n    return thing\n")
        return probe.read(handle)

    def probe(self, source: str = "") -> Handle:
        """Run helper code beside student code, by default the assignment's `probes.py`; its functions are methods
        of the handle. Whatever it says can be forged: it may find fault, but prove nothing."""
        text = source or self._test.session.probe_source
        found = self._test.request("add_probe", source=text)
        handle = wrap(found)
        if not isinstance(handle, Handle):
            raise TypeError("the probe gave no handle")
        return handle

    def _optimizer(self, name: str, model: Handle, arguments: dict[str, float]) -> Handle:
        return self._make("optimizer", {"name": name, "module": model, "arguments": arguments})

    def _make(self, what: str, spec: dict[str, Any]) -> Handle:
        reference: HandleRef = self._test.process("make").make(what, spec)
        return Handle(reference)


class Local:
    """The same things made in the trusted process, where a public twin runs the reference."""

    def copy(self, model: nn.Module) -> nn.Module:
        return copying.deepcopy(model)

    def loader(self, batches: Sequence[Any]) -> Any:
        return making.make("loader", {"batches": list(batches)})

    def sgd(
        self, model: nn.Module, lr: float, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> torch.optim.Optimizer:
        import torch  # an extra

        return torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay)

    def adam(self, model: nn.Module, lr: float = 1e-3, weight_decay: float = 0.0) -> torch.optim.Optimizer:
        import torch  # an extra

        return torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)

    def generator(self, seed: int) -> torch.Generator:
        import torch  # an extra

        return torch.Generator().manual_seed(seed)

    def value(self, value: Any) -> Any:
        return copying.deepcopy(value)

    def read(self, value: Any) -> Any:
        return value
