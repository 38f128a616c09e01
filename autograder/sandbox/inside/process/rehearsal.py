"""Rehearses a submission in the zygote, so that no student process pays for what the first one does once.

Theory of operation. The first cell that defines a network, the first request that reads its parameters, and
so on, each import a little, fill caches (of linecache, of regular expressions, of oneDNN) and, in a fork,
touch pages that are then copied. Here public code that looks like a notebook goes through a shell and an
interpreter of its own, by the way that a student's goes, and through the frames of the wire. Shell and interpreter
are thrown away afterwards, and what would be seen of them in a student process is taken back: `__main__`,
`get_ipython`, the sources of cells, the seeds that torch keeps for a GPU.

Nothing of it is visible in numbers: student processes seed their own generators.
"""

from __future__ import annotations

import linecache
import sys
from typing import Any

from ..answers import modules
from ..answers.requests import Interpreter
from ..shell.cells import Shell
from ..shell.execution import cell_file
from ..wire.protocol import encode_frame, read_frame_of
from ..wire.values import Encoder

PLAIN = (
    'import json, os, time\nfrom pathlib import Path\nchoice = "a"\n',
    'def double(number: int) -> int:\n    """Twice the number."""\n    return 2 * number\n',
    'assert double(2) == 4, "twice two"\nprint(f"twice two is {double(2):,}")\ndouble(3)\n',
    'raise NotImplementedError("not yet")\n',
)
NETWORK = (
    """import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Network(nn.Module):
    def __init__(self, width: int = 4, groups: int = 1) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(4, width, 3, padding=1, groups=groups, bias=groups == 1), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.head = nn.Linear(width, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(images).mean(dim=(2, 3)))


def soften(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    return F.softmax(logits / temperature, dim=1)
""",
    """network = Network().eval()
with torch.no_grad():
    logits = network(torch.rand(2, 4, 6, 8))
assert torch.allclose(soften(logits, 1.0), logits.softmax(1), atol=1e-6)
print(f"{sum(p.numel() for p in network.parameters()):,} parameters, {float(logits.sum()):.2f}", tuple(logits.shape))
""",
)
INSIDE = __package__.removesuffix("process")  # how the names of all modules here begin
PROBE = "def kind(thing):\n    return type(thing).__name__\n"


class _Rehearsal:
    """One shell and interpreter, asked as the trusted side asks."""

    def __init__(self, shell: Shell) -> None:
        self._interpreter = Interpreter(shell)
        self._cells = 0
        self.failed: list[str] = []  # requests that were answered with an error

    def run_cell(self, source: str) -> None:
        self.ask("run_cell", source=source, index=self._cells, soft_seconds=float(60).hex())
        linecache.cache.pop(cell_file(self._cells), None)
        self._cells += 1

    def ask(self, op: str, encoder: Encoder | None = None, **fields: Any) -> Any:
        """Return the wire value of the reply, None for an error."""
        data = encode_frame({"id": 1, "op": op, "seed": 0, **fields}, encoder.arrays if encoder else ())
        reply = self._interpreter.answer(*read_frame_of(data))
        header, _ = read_frame_of(reply)
        self.failed += [] if header["ok"] else [f"{op}: {header['error']['message']}"]
        return header.get("value")

    def call(self, op: str, *args: Any, **fields: Any) -> Any:
        encoder = Encoder(lambda thing: None)
        return self.ask(op, encoder, args=encoder.encode_list(args), kwargs=encoder.encode_dict({}), **fields)

    def send(self, op: str, field: str, value: dict[str, Any], **fields: Any) -> Any:
        """Return a request with one dict of tensors and plain data."""
        encoder = Encoder(lambda thing: None)
        return self.ask(op, encoder, **{field: encoder.encode_dict(value)}, **fields)


def rehearse(output_bytes: int) -> list[str]:
    """Run the cells and requests of an invented submission, as far as the libraries they need are imported.

    Returns what failed, which costs time in student processes and nothing else.
    """
    shell = Shell(output_bytes)
    try:
        rehearsal = _Rehearsal(shell)
        for source in PLAIN:
            rehearsal.run_cell(source)
        rehearsal.ask("get", name="choice")
        rehearsal.call("call", 3, name="double")
        if "torch" in sys.modules:
            _networks(rehearsal)
    finally:
        shell.close()
    for name, module in list(sys.modules.items()):
        # `torch.manual_seed` formats the whole stack, with the source of every line in it
        if name.startswith(INSIDE):
            linecache.getlines(str(module.__file__))
    return rehearsal.failed


def _networks(rehearsal: _Rehearsal) -> None:
    import torch

    queued = len(torch.cuda._queued_calls)
    for source in NETWORK:
        rehearsal.run_cell(source)
    del torch.cuda._queued_calls[queued:]  # manual_seed, kept for when a GPU is first used
    images = torch.rand(2, 4, 6, 8)
    rehearsal.call("call", torch.rand(2, 3), 2.0, name="soften", echo=True)
    for groups in (1, 4):
        network = _handle(rehearsal.call("call", 4, groups, name="Network"))
        rehearsal.ask("parameters", handle=network)
        rehearsal.ask("shapes", handle=network)
        rehearsal.ask("set_training", handle=network, mode=False)
        rehearsal.call("call_handle", images, handle=network)
        rehearsal.call("call_handle", images, handle=network, echo=True)
    call = {"op": "call_handle", "handle": network}
    encoder = Encoder(lambda thing: None)
    call |= {"args": encoder.encode_list([images]), "kwargs": encoder.encode_dict({})}
    rehearsal.ask("gradient", encoder, call=call, wrt=0, cotangent=None)
    rehearsal.ask("attr", handle=network, name="features")
    rehearsal.ask("state_dict", handle=network)
    part = torch.nn.Sequential(
        torch.nn.Conv2d(4, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Linear(2, 2)
    )
    state = dict(part.state_dict())
    made = _handle(rehearsal.send("make", "spec", {"structure": modules.describe(part), "state": state}, what="module"))
    rehearsal.send("load_state_dict", "state", state, handle=made)
    rehearsal.ask("snapshot", handle=made)
    probe = _handle(rehearsal.ask("add_probe", source=PROBE))
    rehearsal.call("method", 1, handle=probe, name="kind")


def _handle(value: Any) -> int:
    return int(value["handle"]) if isinstance(value, dict) and "handle" in value else 0
