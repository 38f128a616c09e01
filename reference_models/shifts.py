"""Out of distribution against transfer: every reference model, asked the same way.

    python -m reference_models.shifts --data /data --threads 1

Which networks keep what they know when images change, and are they the ones that are good for another task? The
networks of the course have heads for different tasks, so none is used: of each image the features before the head are
taken, and a ridge regression reads them. Fitted to clean CIFAR-10 images, it is asked for clean test images and for
five kinds of changed ones; fitted to ten images a class of another data set, it is asked for the rest of that set.
Each is repeated with three draws of the images it is fitted to; what is asked for stays the same, so differences
between networks are of the same images. Beside them stand the same networks as they are before any training.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import click
import torch
import torch.nn.functional as F
from rich.console import Console
from torch import nn

from autograder.files import write_whole
from autograder.suite.reference import reference_namespace
from reference_models.cifar10 import DataNotFound, find_data
from reference_models.cifar10_images import load_cifar10
from reference_models.cut_out import cut_out, painted_over
from reference_models.pretrained import DEFINITIONS, load_model, make_model
from reference_models.small_images import small_images
from reference_models.train import HERE, one_message

MASTER = HERE.parent / "solutions" / "05_robustness" / "solution.py"
ALPHAS = tuple(10.0**power for power in range(-3, 3))
CLEAN, SHIFTS = "clean", ("noisy", "turned", "small", "enlarged", "cut out")
TRANSFER = ("digits", "figures")
UNTRAINED = {"baseline": "baseline", "mobilenet": "mobilenet", "resnet_supervised": "resnet"}
Part = tuple[torch.Tensor, torch.Tensor]  # images (N, 3, 32, 32) in [0, 1], labels (N,)


@dataclass(frozen=True)
class Question:
    """What a ridge is fitted to, one part for each draw, and what it is asked for, by name."""

    fitted: list[Part]
    asked: dict[str, Part]


def ridge(features: torch.Tensor, labels: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """Fit a linear classifier by least squares; its strength is that of ALPHAS with most right when each is left out.

    Args:
        features: float `(N, D)`.
        labels: int64 `(N,)`.

    Returns:
        Features `(n, D)` -> classes `(n,)`.
    """
    features, truth = features.double(), F.one_hot(labels).double()
    centre, height = features.mean(dim=0), truth.mean(dim=0)
    length = (features - centre).square().sum(dim=1).mean().sqrt().clamp_min(1e-9)
    u, s, vh = torch.linalg.svd((features - centre) / length, full_matrices=False)
    projected = u.T @ (truth - height)

    def right(alpha: float) -> float:
        shrink = s.square() / (s.square() + alpha)
        leverage = u.square() @ shrink + 1 / len(labels)
        fitted = height + u @ (shrink[:, None] * projected)
        left_out = truth - (truth - fitted) / (1 - leverage).clamp_min(1e-6)[:, None]
        return (left_out.argmax(dim=1) == labels).double().mean().item()

    alpha = max(ALPHAS, key=right)
    weights = vh.T @ ((s / (s.square() + alpha))[:, None] * projected)
    return lambda others: (height + (others.double() - centre) / length @ weights).argmax(dim=1)


@torch.no_grad()
def features_of(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return features `(N, D)` before the head, which the network has lost."""
    return torch.cat([network(part) for part in images.split(100)])


def untrained(name: str, images: torch.Tensor) -> nn.Module:
    """Return a reference model as it is before training, its batch norms used to these images, in eval mode."""
    torch.manual_seed(0)
    network = make_model(name)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = None  # the mean over all batches
    with torch.no_grad():
        for batch in images.split(100):
            network(batch)
    return network.eval()


def answers(network: nn.Module, questions: list[Question]) -> dict[str, list[float]]:
    """Return of each thing that is asked for the accuracies, one for each draw."""
    network.classifier = nn.Identity()
    found: dict[str, list[float]] = {}
    for question in questions:
        asked = {name: (features_of(network, images), labels) for name, (images, labels) in question.asked.items()}
        for images, labels in question.fitted:
            say = ridge(features_of(network, images), labels)
            for name, (features, truth) in asked.items():
                right = (say(features) == truth).double().mean().item()
                found.setdefault(name, []).append(round(right, 4))
    return found


def cifar_question(data: Path, names: dict[str, Any], draws: int, count: int, asked: int) -> Question:
    """Clean CIFAR-10 and its shifts, made by the helpers of assignment 05. `count` images for each draw."""
    train, test = (
        (pictures.permute(0, 3, 1, 2).float() / 255, labels)
        for pictures, labels in (load_cifar10(train, data) for train in (True, False))
    )
    images, labels = test[0][:asked], test[1][:asked]
    masks = cut_out(images)
    clear = masks.amax(dim=(1, 2, 3)) > 0
    m, behind = masks[clear], painted_over(images[clear], masks[clear])
    coarse = F.interpolate(images, size=(16, 16), mode="bilinear", antialias=True)
    shifted = {
        CLEAN: images,
        "noisy": names["noisy"](images, 0.05),
        "turned": names["replaced"](images, 1.0, 30.0),
        "small": names["replaced"](images, 0.4, 0.0),
        "enlarged": F.interpolate(coarse, size=(32, 32), mode="bilinear", antialias=True),
    }
    parts = {name: (changed, labels) for name, changed in shifted.items()}
    parts["cut out"] = (m * images[clear] + (1 - m) * behind.roll(1, dims=0), labels[clear])
    fitted = [tuple(x[draw * count : (draw + 1) * count] for x in train) for draw in range(draws)]
    return Question(fitted, parts)  # type: ignore[arg-type]


def other_question(name: str, images: torch.Tensor, labels: torch.Tensor, draws: int, asked: int) -> Question:
    """Return ten images a class for each draw, and the first `asked` of the rest."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    images, labels = images[order], labels[order]
    rank = torch.stack([(labels[:i] == labels[i]).sum() for i in range(len(labels))])  # within its class
    fitted = [(images[chosen], labels[chosen]) for chosen in (rank // 10 == draw for draw in range(draws))]
    rest = rank >= 10 * draws
    return Question(fitted, {name: (images[rest][:asked], labels[rest][:asked])})


def digits() -> Part:
    """Return the 1,797 written digits of scikit-learn, 8×8, enlarged to 32×32 and grey in three colours."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = torch.from_numpy(found.images).float()[:, None] / 16
    images = F.interpolate(images, size=(32, 32), mode="bilinear").expand(-1, 3, -1, -1).contiguous()
    return images, torch.from_numpy(found.target).long()


def measure(
    questions: list[Question], setting: dict[str, Any], weights: Path, report: Path, console: Console
) -> dict[str, Any]:
    """Ask the networks that the report does not hold yet, write it after each, and return it."""
    done: dict[str, Any] = json.loads(report.read_text()) if report.is_file() else {"setting": setting, "networks": {}}
    if done["setting"] != setting:
        raise ValueError(f"{report} is of another setting, {done['setting']}: name another --report")
    makers: dict[str, Callable[[], nn.Module]] = {
        name: lambda name=name: load_model(name, weights) for name in DEFINITIONS
    }
    images = questions[0].fitted[0][0]
    makers |= {f"{title}, untrained": lambda name=name: untrained(name, images) for name, title in UNTRAINED.items()}
    for name, make in makers.items():
        if name not in done["networks"]:
            network = make()
            numbers = sum(p.numel() for part, p in network.named_parameters() if not part.startswith("classifier."))
            done["networks"][name] = {"parameters": numbers, "right": answers(network, questions)}
            report.parent.mkdir(parents=True, exist_ok=True)
            write_whole(report, f"{json.dumps(done)}\n".encode())
            means = {asked: f"{statistics.mean(runs):.1%}" for asked, runs in done["networks"][name]["right"].items()}
            console.print(f"{name}: " + ", ".join(f"{asked} {mean}" for asked, mean in means.items()), highlight=False)
    return done


@click.command()
@click.option("--draws", type=click.IntRange(1, 10), default=3, show_default=True, help="Of what a ridge is fitted to.")
@click.option("--images", type=click.IntRange(20, 5000), default=1500, show_default=True, help="Of CIFAR-10, for each.")
@click.option("--asked", type=click.IntRange(20, 10000), default=1000, show_default=True, help="Test images of a kind.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Of the processor.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The folder of cifar-10-batches-py.")
@click.option("--weights", type=click.Path(path_type=Path), default=HERE / "weights", help="Where the networks' are.")
@click.option(
    "--report", type=click.Path(path_type=Path), default=HERE / "cards" / "shifts.json", help="Where the answers go."
)
def main(draws: int, images: int, asked: int, threads: int, data: Path | None, weights: Path, report: Path) -> None:
    """Ask every reference model for changed images and for other tasks, write it to --report, show the table."""
    torch.set_num_threads(threads)
    with one_message():
        root = find_data(data)
        if root is None:
            raise DataNotFound("CIFAR-10 is not here: pass --data FOLDER, the one that holds cifar-10-batches-py")
        with redirect_stdout(StringIO()):  # what the notebook's cells print
            names = reference_namespace(MASTER, [HERE])
        questions = [
            cifar_question(root, names, draws, images, asked),
            other_question("digits", *digits(), draws, asked),
            other_question("figures", *small_images(10 * 10 * draws + 2 * asked, seed=1), draws, asked),
        ]
        setting = {"draws": draws, "images": images, "asked": asked, "threads": threads}
        done = measure(questions, setting, weights, report, Console())
    click.echo("\n".join(table(done)))


def table(report: dict[str, Any]) -> list[str]:
    """Return the lines of a table of Markdown: means over the draws in percent, with half the range for the means."""
    lines = ["| network | clean | changed, mean | " + " | ".join((*SHIFTS, *TRANSFER)) + " | transfer, mean |"]
    lines.append("|---" * (len(SHIFTS) + len(TRANSFER) + 4) + "|")
    for name, found in report["networks"].items():
        right = {asked: 100 * statistics.mean(runs) for asked, runs in found["right"].items()}
        changed, transfer = (statistics.mean(right[asked] for asked in group) for group in (SHIFTS, TRANSFER))
        cells = [right[CLEAN], changed, *(right[asked] for asked in (*SHIFTS, *TRANSFER)), transfer]
        lines.append(f"| {name} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")
    return lines


if __name__ == "__main__":
    main()
