"""What a teacher is worth: MobileNet trained with and without one, from the same seeds, by shortened recipes.

    python -m reference_models.gain --seeds 3 --epochs 3 --data /data

Each seed gives a pair: same first weights, same order of the images, same crops, and once the labels alone, once
the teacher's softened answers too. The gain is the mean of the differences in accuracy on the 5,000 held-out images
(the test set is not looked at), its deviation that of a sample. A stopped run goes on from its last whole epoch.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import click
from rich.console import Console

from reference_models.cifar10 import load_cifar10
from reference_models.recipes import CPU, GPU
from reference_models.train import HERE, choose_device, one_message, train_named

PLAIN, TAUGHT = "mobilenet", "mobilenet_distilled"


def summary(plain: list[float], taught: list[float], epochs: int) -> dict[str, object]:
    """Return the figures of so many pairs of accuracies in [0, 1]; `gain` and `deviation` are in percentage points."""
    gains = [100 * (with_one - without) for without, with_one in zip(plain, taught, strict=True)]
    return {
        "epochs": epochs,
        "held_out": {PLAIN: plain, TAUGHT: taught},
        "gain": round(statistics.mean(gains), 2),
        "deviation": round(statistics.stdev(gains), 2) if len(gains) > 1 else None,
    }


@click.command()
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="How many: 0, 1, 2, …")
@click.option("--epochs", type=click.IntRange(min=1), default=3, show_default=True, help="Of each run.")
@click.option("--device", default=None, help="cpu, cuda, …; a GPU where there is one, if left out.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The folder of cifar-10-batches-py.")
@click.option("--weights", type=click.Path(path_type=Path), default=HERE / "weights", help="Where the teacher's are.")
@click.option("--checkpoints", type=click.Path(path_type=Path), default=HERE / "checkpoints", help="Where runs go on.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=HERE / "cards" / "distillation_gain.json",
    help="Where the figures go, after each seed.",
)
def main(
    seeds: int, epochs: int, device: str | None, data: Path | None, weights: Path, checkpoints: Path, report: Path
) -> None:
    """Measure what the teacher adds to MobileNet's accuracy, and write it to --report."""
    console = Console()
    device = choose_device(device)
    recipes = CPU if device == "cpu" else GPU
    found: dict[str, list[float]] = {PLAIN: [], TAUGHT: []}
    with one_message():
        cifar10 = load_cifar10(data)
        for seed in range(seeds):
            for name, accuracies in found.items():
                run = train_named(
                    name,
                    recipes[name].with_epochs(epochs),
                    cifar10,
                    weights=weights,
                    checkpoint=checkpoints / f"gain_{name}_{epochs}_{seed}.pt",
                    seed=seed,
                    device=device,
                    console=console,
                )
                accuracies.append(run.history[-1].held_out_accuracy)
            done = summary(found[PLAIN], found[TAUGHT], epochs)
            report.parent.mkdir(parents=True, exist_ok=True)
            report.write_text(json.dumps(done, indent=2) + "\n")
            console.print(f"{seed + 1} of {seeds} seeds: {done['gain']} points, deviation {done['deviation']}")


if __name__ == "__main__":
    main()
