"""Are handed-in weights those of a reference model? A flag for a person; it never changes a score.

Students get some reference weights with an assignment, so handing them in as one's own is a matter of renaming a file.
Names and precision may be changed on the way: tensors are compared as half-precision numbers, whatever they are called.

A safetensors file is 8 bytes of length (little-endian), a JSON object from names to dtype, shape and offsets, and raw
bytes. It is read here by hand and with bounds, because the bytes are untrusted; what is not of that form is no match.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy

from autograder.course.reference_models import FOLDER
from autograder.notebooks.untrusted_json import UntrustedJsonError, parse

WEIGHTS_FOLDER = Path(FOLDER)
_MAX_HEADER = 4 << 20
_LEAST = 256  # numbers in a tensor that says something: small ones (a bias of zeros) are alike by chance
_DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}


class ReferenceWeights:
    """The weights in a folder, by the hash of each tensor. Read when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def flags(self, artifacts: Mapping[str, bytes]) -> list[str]:
        """Return one sentence for each safetensors file of which more than half of the numbers are a reference
        model's.
        """
        found = []
        for name, data in sorted(artifacts.items()):
            if name.endswith(".safetensors") and (model := self._model(data)):
                found.append(f"{name}: these are the weights of the reference model {model}")
        return found

    def _model(self, data: bytes) -> str:
        sizes = tensor_sizes(data)
        total = sum(sizes.values())
        for model, known in self._known.items():
            shared = sum(size for digest, size in sizes.items() if digest in known)
            if total and 2 * shared > total:
                return model
        return ""

    @cached_property
    def _known(self) -> dict[str, frozenset[str]]:
        paths = sorted(self._folder.glob("*.safetensors"))
        return {path.stem: frozenset(tensor_sizes(path.read_bytes())) for path in paths}


def tensor_sizes(data: bytes) -> dict[str, int]:
    """Hash of each floating-point tensor, as half-precision numbers -> how many numbers it has.

    Tensors of fewer than 256 numbers or of constant ones are left out. Empty where `data` is no safetensors file.
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 0 < length <= min(_MAX_HEADER, len(data) - 8):
        return {}
    try:
        header = parse(data[8 : 8 + length]).value
    except UntrustedJsonError:
        return {}
    if not isinstance(header, dict):
        return {}
    found = {}
    body = memoryview(data)[8 + length :]
    named = 0  # bytes: a file whose header names some of them again and again is none that a library wrote
    for entry in header.values():
        numbers = _numbers(entry, body)
        named += 0 if numbers is None else numbers.nbytes
        if named > len(body):
            return {}
        if numbers is not None and numbers.size >= _LEAST and bool((numbers != numbers[0]).any()):
            found[hashlib.sha256(numbers.tobytes()).hexdigest()] = int(numbers.size)
    return found


def _numbers(entry: object, body: memoryview) -> numpy.ndarray | None:
    """Return a tensor as half-precision numbers `(n,)`; None if the header's entry is not one of floating-point
    numbers.
    """
    if not isinstance(entry, dict):
        return None
    dtype, shape, offsets = str(entry.get("dtype")), _whole(entry.get("shape")), _whole(entry.get("data_offsets"))
    if dtype not in _DTYPES or shape is None or offsets is None or len(offsets) != 2:
        return None
    start, end = offsets
    kind = numpy.dtype(_DTYPES[dtype])
    if not start <= end <= len(body) or math.prod(shape) * kind.itemsize != end - start:
        return None
    with numpy.errstate(over="ignore", invalid="ignore"):
        return numpy.frombuffer(body[start:end], kind).astype("<f2")


def _whole(value: object) -> list[int] | None:
    """Return the value if it is a short list of whole numbers."""
    if isinstance(value, list) and len(value) <= 16 and all(type(item) is int and item >= 0 for item in value):
        return value
    return None
