"""The `artifact` fixture: files that a student hands in beside the notebook, and what they are worth.

Theory of operation. Weights are parsed beside student code, by the safetensors library, and loaded into the student's
own network: the trusted process only hands the bytes over. It sends inputs, gets logits, and counts; labels never
leave it. The course brings the inputs, drawn by `artifact.rng()`, which is seeded per notebook and question, so a table
of known answers does not answer for a network. What the student's side says can be forged, as everywhere: these
questions earn few points at modest thresholds.

Predictions are one integer a line: plain text, read here with a bound on its size.

Where the data are missing, the course raises DataMissing: the test is `not_run`, and the question leaves the
denominator. A file that was not handed in makes it `failed`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy

from autograder.sandbox.student import StudentError
from autograder.testing.kinds import Mismatch, kind_of
from autograder.testing.proxy import Handle
from autograder.testing.randomness import Rng, derive_seed
from autograder.testing.remote import Remote
from autograder.testing.running import RunningTest
from autograder.testing.tensors import is_tensor

if TYPE_CHECKING:
    import torch

MAX_WEIGHTS = 48 << 20  # bytes: they travel in one frame
MAX_PREDICTIONS = 4 << 20
BATCH = 50  # inputs in one call

# Runs beside student code; its text is public.
LOADER = '''
def load(network, data):
    """Load safetensors bytes (a uint8 array) into the network. Returns "" or which part did not work."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as parse
    try:
        state = parse(bytes(bytearray(data)))
    except (SafetensorError, ValueError, KeyError):
        return "format"
    own = network.state_dict()
    if set(state) != set(own):
        return "names"
    if any(state[name].shape != own[name].shape for name in own):
        return "shapes"
    network.load_state_dict(state)
    network.eval()
    return ""


def logits(network, images):
    import torch
    with torch.no_grad():
        return network(images)
'''
_UNFIT = {
    "format": "cannot be read as a safetensors file: save it with `safetensors.torch.save_file`",
    "names": "does not fit your network: the names in it are not those of its `state_dict()`; run the training cell "
    "again with the class that you hand in",
    "shapes": "does not fit your network: some weights have other shapes; run the training cell again with the class "
    "that you hand in",
}


class DataMissing(Exception):
    """Data that a test needs are not on this machine: not the student's loss. The message says what to set."""


class Artifacts:
    """Files handed in beside the notebook of the running submission."""

    def __init__(self, test: RunningTest) -> None:
        self._test = test

    def rng(self) -> Rng:
        """Return what draws inputs for this question's artifact: the same for all its tests, others for another
        notebook."""
        session = self._test.session
        return Rng(derive_seed(session.seed_key, session.notebook_sha256, self._test.question, "artifact"))

    def reaches(
        self, least: float, file: str, network: Callable[[], Handle], images: torch.Tensor, labels: torch.Tensor
    ) -> None:
        """Raise Mismatch unless the weights in `file` get at least the share `least` of the images right.

        network: builds the student's network, e.g. `lambda: student.MobileNet(10)`; images `(N, …)` -> logits
        `(N, C)`. labels: int64 `(N,)`; they never reach the student. Tests of one question that ask for other shares of
        the same images share one measurement.
        """
        accuracy = self.accuracy(file, network, images, labels)
        if accuracy < least:
            raise Mismatch(
                f"The weights in `{file}` get {accuracy:.1%} of {len(labels)} test images right; this part asks for "
                f"{least:.0%}."
            )

    def accuracy(self, file: str, network: Callable[[], Handle], images: torch.Tensor, labels: torch.Tensor) -> float:
        """Return the share of the images, 0 to 1, that the student's network with the weights in `file` gets right."""
        drawn = hashlib.sha256(images.contiguous().numpy().tobytes() + labels.contiguous().numpy().tobytes())
        key = (self._test.question, file, drawn.hexdigest())
        kept = self._test.session.kept
        if key not in kept:
            self.bytes(file, MAX_WEIGHTS)
            kept[key] = _share(self.logits(self.weights(file, network()), images), labels)
        self._test.measured = kept[key]
        return float(kept[key])

    def predicts(self, least: float, file: str, labels: torch.Tensor) -> None:
        """Raise Mismatch unless at least the share `least` of the integers in `file` are those of `labels` `(N,)`."""
        found = self.predictions(file, len(labels))
        accuracy = float((found == labels).double().mean())
        self._test.measured = accuracy
        if accuracy < least:
            raise Mismatch(f"{accuracy:.1%} of the predictions in `{file}` are right; this part asks for {least:.0%}.")

    def bytes(self, file: str, most: int = MAX_WEIGHTS) -> bytes:
        """Return the file as it was handed in. Raises Mismatch if it was not, or is larger than `most` bytes."""
        data = self._test.session.artifacts.get(file)
        if data is None:
            raise Mismatch(f"`{file}` was not handed in beside the notebook.")
        if not 0 < len(data) <= most:
            raise Mismatch(f"`{file}` has {len(data):,} bytes; expected are between 1 and {most:,}.")
        return data

    def weights(self, file: str, network: Handle) -> Handle:
        """Load the file into the student's network, by name, and set it to eval mode; returns the network.

        Half precision becomes the network's own. Raises Mismatch if it is no safetensors file or does not fit.
        """
        data = numpy.frombuffer(bytearray(self.bytes(file)), dtype=numpy.uint8)
        loader = Remote(self._test).probe(LOADER)
        try:
            problem = loader.load(network, data)
        except StudentError as error:
            raise Mismatch(f"`{file}` cannot be loaded into your network.", str(error)) from error
        if problem != "":
            reason = _UNFIT.get(problem) if isinstance(problem, str) else None
            raise Mismatch(f"`{file}` {reason or 'cannot be loaded into your network'}.")
        return network

    def logits(self, network: Handle, images: torch.Tensor) -> torch.Tensor:
        """Return what the network gives for images `(N, …)`: finite floats `(N, C)`, in batches, without gradients."""
        import torch  # an extra

        loader = Remote(self._test).probe(LOADER)
        parts = []
        for batch in torch.split(images, BATCH):
            found = loader.logits(network, batch)
            if not is_tensor(found) or found.ndim != 2 or len(found) != len(batch):
                given = f"shape {tuple(found.shape)}" if is_tensor(found) else kind_of(found)
                raise Mismatch(f"The network should give logits of shape ({len(batch)}, classes), but gives {given}.")
            if not found.is_floating_point() or not bool(found.isfinite().all()):
                raise Mismatch("The network's logits should be finite floating-point numbers.")
            parts.append(found.float())
        if len({part.shape[1] for part in parts}) > 1:
            raise Mismatch("The network should give the same number of classes for every batch.")
        return torch.cat(parts)

    def predictions(self, file: str, count: int) -> torch.Tensor:
        """Return int64 `(count,)`: the integers in the file, one a line; a line may hold an index and a comma before
        it.

        With indices, 0 to count-1 in any order, each once. A first line of words is a heading. Raises Mismatch.
        """
        try:
            lines = self.bytes(file, MAX_PREDICTIONS).decode("utf-8-sig").split("\n")
        except UnicodeDecodeError:
            raise Mismatch(f"`{file}` is not plain text: write one integer a line.") from None
        numbered = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
        if numbered and re.fullmatch(r"[A-Za-z_, ]{1,80}", numbered[0][1]):
            del numbered[0]
        found: dict[int, int] = {}
        for number, line in numbered:
            match = re.fullmatch(r"(?:(\d{1,9})\s*[,;\t]\s*)?(-?\d{1,9})", line, re.ASCII)
            if match is None:
                raise Mismatch(f"`{file}`, line {number}: expected an integer, or an index, a comma and an integer.")
            index = int(match[1]) if match[1] is not None else len(found)
            if index >= count or index in found:
                raise Mismatch(f"`{file}`, line {number}: index {index} is a second one, or not below {count}.")
            found[index] = int(match[2])
        if len(found) != count:
            raise Mismatch(f"`{file}` has {len(found)} predictions; expected are {count}.")
        import torch  # an extra

        return torch.tensor([found[index] for index in range(count)])


def _share(logits: torch.Tensor, labels: torch.Tensor) -> float:
    return float((logits.argmax(1) == labels).double().mean())
