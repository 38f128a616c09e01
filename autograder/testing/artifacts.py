"""The `artifact` fixture: files that a student hands in beside the notebook, and what they are worth.

Theory of operation. Weights are parsed beside student code, by the safetensors library, and loaded into the student's
own network: the trusted process only hands the bytes over. It sends images, gets logits, and counts; labels never
leave it. The images are test images of CIFAR-10, drawn and slightly transformed (shifted, flipped, dimmed) by a
generator that is seeded per notebook and question, so a table of known pictures does not answer for a network. What
the student's side says can be forged, as everywhere: these questions earn few points at modest thresholds.

Predictions are one integer a line: plain text, read here with a bound on its size.

Where the data are missing, DataMissing makes the test `not_run`, and the question leaves the denominator. A file that
was not handed in makes it `failed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import torch

from autograder.sandbox.student import StudentError
from autograder.testing.cifar10 import cifar10_test_set
from autograder.testing.kinds import Mismatch, kind_of
from autograder.testing.proxy import Handle
from autograder.testing.randomness import Rng, derive_seed
from autograder.testing.remote import Remote
from autograder.testing.running import RunningTest

MAX_WEIGHTS = 48 << 20  # bytes: they travel in one frame
MAX_PREDICTIONS = 4 << 20
BATCH = 50  # images in one call
SHIFT = 2  # pixels at most, to every side
DIMMED = 0.9  # brightness is multiplied by a number between this and 1

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


class Artifacts:
    """Files handed in beside the notebook of the running submission."""

    def __init__(self, test: RunningTest) -> None:
        self._test = test

    def reaches(
        self, least: float, file: str, network: Callable[[], Handle], *, count: int = 200, classes: Sequence[int] = ()
    ) -> None:
        """Raise Mismatch unless the weights in `file` get at least the share `least` of the test images right.

        network: builds the student's network, e.g. `lambda: student.MobileNet(10)`; images `(N, 3, 32, 32)` in [0, 1]
        -> logits. count, classes: as for `test_images`. Tests of one question that differ in `least` only share one
        measurement. Raises DataMissing.
        """
        accuracy = self.accuracy(file, network, count=count, classes=classes)
        if accuracy < least:
            raise Mismatch(
                f"The weights in `{file}` get {accuracy:.1%} of {count} test images right; this part asks for "
                f"{least:.0%}."
            )

    def accuracy(
        self, file: str, network: Callable[[], Handle], *, count: int = 200, classes: Sequence[int] = ()
    ) -> float:
        """The share of test images, 0 to 1, that the student's network with the weights in `file` gets right."""
        key = (self._test.question, file, count, tuple(classes))
        kept = self._test.session.kept
        if key not in kept:
            images, labels = self.test_images(count, classes=classes)
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
        """The file as it was handed in. Raises Mismatch where it was not, or is larger than `most` bytes."""
        data = self._test.session.artifacts.get(file)
        if data is None:
            raise Mismatch(f"`{file}` was not handed in beside the notebook.")
        if not 0 < len(data) <= most:
            raise Mismatch(f"`{file}` has {len(data):,} bytes; expected are between 1 and {most:,}.")
        return data

    def weights(self, file: str, network: Handle) -> Handle:
        """Load the file into the student's network, by name, and set it to eval mode; returns the network.

        Half precision becomes the network's own. Raises Mismatch where it is no safetensors file or does not fit.
        """
        data = torch.frombuffer(bytearray(self.bytes(file)), dtype=torch.uint8).numpy()
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
        """What the network gives for images `(N, …)`: finite floats `(N, C)`, in batches, without gradients."""
        loader = Remote(self._test).probe(LOADER)
        parts = []
        for batch in torch.split(images, BATCH):
            found = loader.logits(network, batch)
            if not isinstance(found, torch.Tensor) or found.ndim != 2 or len(found) != len(batch):
                given = f"shape {tuple(found.shape)}" if isinstance(found, torch.Tensor) else kind_of(found)
                raise Mismatch(f"The network should give logits of shape ({len(batch)}, classes), but gives {given}.")
            if not found.is_floating_point() or not bool(found.isfinite().all()):
                raise Mismatch("The network's logits should be finite floating-point numbers.")
            parts.append(found.float())
        if len({part.shape[1] for part in parts}) > 1:
            raise Mismatch("The network should give the same number of classes for every batch.")
        return torch.cat(parts)

    def predictions(self, file: str, count: int) -> torch.Tensor:
        """int64 `(count,)`: the integers in the file, one a line; a line may hold an index and a comma before it.

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
        return torch.tensor([found[index] for index in range(count)])

    def test_images(self, count: int = 200, *, classes: Sequence[int] = ()) -> tuple[torch.Tensor, torch.Tensor]:
        """`count` test images of CIFAR-10, float32 `(N, 3, 32, 32)` in [0, 1], and labels int64 `(N,)`.

        The same for all tests of the question; others for another notebook. classes: only these, relabelled 0, 1, …
        in the given order. Raises DataMissing where the data set is not on this machine.
        """
        images, labels = cifar10_test_set()
        session, test = self._test.session, self._test
        rng = Rng(derive_seed(session.seed_key, session.notebook_sha256, test.question, "artifact"))
        order = rng.permutation(len(labels))
        if classes:
            order = order[torch.isin(labels[order], torch.tensor(list(classes)))]
            places = torch.full((10,), -1)
            places[list(classes)] = torch.arange(len(classes))
            labels = places[labels]
        chosen = order[:count]
        return transformed(images[chosen].float() / 255, rng), labels[chosen]


def transformed(images: torch.Tensor, rng: Rng) -> torch.Tensor:
    """Images `(N, C, H, W)`, each shifted (borders are mirrored), perhaps flipped, and dimmed a little."""
    count, _, height, width = images.shape
    padded = torch.nn.functional.pad(images, (SHIFT,) * 4, mode="reflect")
    offsets = rng.integers(count, 2, high=2 * SHIFT + 1)
    rows = offsets[:, :1] + torch.arange(height)
    columns = offsets[:, 1:] + torch.arange(width)
    flipped = rng.integers(count, 1, high=2).bool()
    columns = torch.where(flipped, columns.flip(1), columns)
    moved = padded[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return (moved * rng.uniform(count, 1, 1, 1, low=DIMMED)).contiguous()


def _share(logits: torch.Tensor, labels: torch.Tensor) -> float:
    return float((logits.argmax(1) == labels).double().mean())
