"""Nine ways to teach a small student, side by side: assignment 04's own losses, measured on CIFAR-10.

    python -m reference_models.methods --data /data --threads 1

The losses are those of the notebook's solution, the teacher is the course's baseline. A student is trained on 4,000
images. Each method's weight is the one of those tried that is best on 5,000 held-out training images, for a seed that
the table does not use; then every method meets every condition, with three seeds, on the whole test set. Methods of
one seed start from the same student, the same order of the images and the same wrong labels. Every run is in the
report as soon as it ends, and the same command goes on from there.
"""

from __future__ import annotations

import json
import statistics
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import click
import torch
from rich.console import Console

from autograder.files import write_whole
from autograder.suite.reference import reference_namespace
from reference_models.cifar10 import DataNotFound, find_data
from reference_models.cifar10_images import load_cifar10
from reference_models.methods_page import draw, table
from reference_models.pretrained import load_model
from reference_models.train import HERE, one_message

MASTER = HERE.parent / "solutions" / "04_distillation" / "solution.py"
TRAINED, HELD_OUT = slice(0, 4000), slice(4000, 9000)
SEED_OF_WEIGHTS = 100
Part = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Bench:
    """What the runs share: the notebook's names; images `(N, 3, 32, 32)` in [0, 1], labels; what the teacher says."""

    names: dict[str, Any]
    train: Part
    held_out: Part
    test: Part
    knowledge: dict[str, torch.Tensor]
    epochs: int

    def run(self, method: str, weight: float, condition: str, seed: int, on: Part) -> list[float]:
        """Train one student and return its accuracy in each class of `on`."""
        student = self.names["trained_by"](method, weight, condition, seed, *self.train, self.knowledge, self.epochs)
        return [round(share, 4) for share in self.names["accuracy_by_class"](student, *on).tolist()]


def best_weights(tried: dict[str, dict[str, dict[str, list[float]]]]) -> dict[str, float]:
    """Return of each method the best weight. tried: method -> weight -> seed -> accuracy of each class."""
    found = {}
    for method, of_weights in tried.items():
        means = {
            weight: statistics.mean(statistics.mean(of_class) for of_class in of_seed.values())
            for weight, of_seed in of_weights.items()
        }
        found[method] = float(max(means, key=lambda weight: means[weight]))
    return found


def measure(bench: Bench, seeds: int, report: Path, console: Console) -> dict[str, Any]:
    """Make the runs that the report does not hold yet, write it after each, and return it."""
    methods, conditions = bench.names["METHODS"], bench.names["CONDITIONS"]
    setting = {
        "epochs": bench.epochs,
        "images": len(bench.train[0]),
        "threads": torch.get_num_threads(),
        "weights": {name: list(method.weights) for name, method in methods.items()},
    }
    done: dict[str, Any] = json.loads(report.read_text()) if report.is_file() else {"setting": setting}
    if done["setting"] != setting:
        raise ValueError(f"{report} is of another setting, {done['setting']}: name another --report")

    def once(keys: list[str], seed: int, method: str, weight: float, condition: str, on: Part) -> None:
        place = done
        for key in keys:
            place = place.setdefault(key, {})
        if str(seed) not in place:
            place[str(seed)] = bench.run(method, weight, condition, seed, on)
            report.parent.mkdir(parents=True, exist_ok=True)
            write_whole(report, f"{json.dumps(done)}\n".encode())  # whole, or an interrupt would lose all
            console.print(f"{', '.join(keys)}, seed {seed}: {statistics.mean(place[str(seed)]):.1%}", highlight=False)

    for method, chosen in methods.items():
        for weight in chosen.weights:
            once(["held_out", method, str(weight)], SEED_OF_WEIGHTS, method, weight, "plain", bench.held_out)
    weights = done["weights"] = best_weights(done["held_out"])
    for seed in range(seeds):
        for condition in conditions:
            for method in methods:
                once(["test", condition, method], seed, method, weights[method], condition, bench.test)
    return done


@click.command()
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="How many: 0, 1, 2, …")
@click.option("--epochs", type=click.IntRange(min=1), default=8, show_default=True, help="Of each run.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Of the processor.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The folder of cifar-10-batches-py.")
@click.option("--weights", type=click.Path(path_type=Path), default=HERE / "weights", help="Where the teacher's are.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=HERE / "cards" / "methods.json",
    help="Where each run goes as soon as it ends.",
)
def main(seeds: int, epochs: int, threads: int, data: Path | None, weights: Path, report: Path) -> None:
    """Train a small student by every method of assignment 04, write every accuracy to --report, show the table."""
    torch.set_num_threads(threads)
    with one_message():
        root = find_data(data)
        if root is None:
            raise DataNotFound("CIFAR-10 is not here: pass --data FOLDER, the one that holds cifar-10-batches-py")
        (images, labels), test = (
            (pictures.permute(0, 3, 1, 2).float().contiguous() / 255, classes)
            for pictures, classes in (load_cifar10(train, root) for train in (True, False))
        )
        with redirect_stdout(StringIO()):  # what the notebook's cells print
            names = reference_namespace(MASTER, [HERE])
        knowledge = names["teacher_knowledge"](load_model("baseline", weights), images[TRAINED])
        train, held_out = ((images[part], labels[part]) for part in (TRAINED, HELD_OUT))
        done = measure(Bench(names, train, held_out, test, knowledge, epochs), seeds, report, Console())
    draw(done, report.with_suffix(".png"))
    click.echo("\n".join(table(done)))


if __name__ == "__main__":
    main()
