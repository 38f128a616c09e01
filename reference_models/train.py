"""Trains the reference models: `python -m reference_models.train baseline --device cuda`, or `all` of them.

Writes the weights, the card and the curves. A run that is stopped goes on from its last whole epoch when the same
command is given again. The recipes stand in `recipes.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import torch
from rich.console import Console
from torch import nn

from reference_models.card import measure_and_write
from reference_models.cifar10 import Cifar10, DataNotFound, load_cifar10
from reference_models.export import save_weights
from reference_models.pretrained import DEFINITIONS, load_model, make_model
from reference_models.recipes import CPU, EIGHT_CLASSES, GPU, Recipe
from reference_models.show import ShowProgress
from reference_models.training import OtherRun, Run, train

HERE = Path(__file__).resolve().parent


def new_model(name: str, seed: int) -> nn.Module:
    """Return the network of a reference model with first weights drawn by `seed`; torch's own generator is left as it
    was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make_model(name)


def for_recipe(recipe: Recipe, data: Cifar10) -> Cifar10:
    """Return the data of a recipe's task: all of them, or those of the eight classes, relabelled 0..7."""
    if recipe.task != "eight_classes":
        return data
    train, held_out, test = (part.of_classes(EIGHT_CLASSES) for part in (data.train, data.held_out, data.test))
    return replace(data, train=train, held_out=held_out, test=test)


def train_named(
    name: str,
    recipe: Recipe,
    data: Cifar10,
    *,
    weights: Path,
    checkpoint: Path,
    seed: int,
    device: str,
    console: Console,
) -> Run:
    """Train one model, from its checkpoint where there is one, and show how far it is.

    weights: the folder of the teacher's. Raises FileNotFoundError where they are not there, OtherRun as `train` does.
    """
    teacher = load_model(recipe.teacher, weights) if recipe.teacher else None
    with ShowProgress(f"{name}, seed {seed}" if seed else name, recipe, console) as report:
        return train(
            new_model(name, seed),
            recipe,
            data.train,
            data.held_out,
            seed=seed,
            device=device,
            teacher=teacher,
            checkpoint=checkpoint,
            report=report,
        )


def run_recipe(name: str, recipe: Recipe, data: Cifar10, out: Path, seed: int, device: str, console: Console) -> Run:
    """Train one model and write its weights. Raises what `train_named` raises."""
    run = train_named(
        name,
        recipe,
        for_recipe(recipe, data),
        weights=out / "weights",
        checkpoint=out / "checkpoints" / f"{name}.pt",
        seed=seed,
        device=device,
        console=console,
    )
    digest = save_weights(run.model, out / "weights" / f"{name}.safetensors")
    console.print(f"course.yaml, under reference_models:  - {{name: {name}, sha256: {digest}}}", soft_wrap=True)
    return run


def choose_device(device: str | None) -> str:
    """Return the device, a GPU where there is one and none is named; everything on it is then deterministic."""
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if device != "cpu":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS needs to be deterministic
        torch.use_deterministic_algorithms(True)
    return device


@contextmanager
def one_message() -> Iterator[None]:
    """End a command with one sentence for what is wrong with data, weights or a checkpoint, and for Ctrl-C."""
    try:
        yield
    except (DataNotFound, OtherRun, FileNotFoundError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as interrupt:
        raise click.ClickException("stopped; the same command goes on from the last whole epoch") from interrupt


@click.command()
@click.argument("name", type=click.Choice([*DEFINITIONS, "all"]))
@click.option("--device", default=None, help="cpu, cuda, …; a GPU where there is one, if left out.")
@click.option("--recipe", "kind", type=click.Choice(["cpu", "gpu"]), default=None, help="By the device, if left out.")
@click.option("--epochs", type=click.IntRange(min=1), default=None, help="Instead of the recipe's own number.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The folder of cifar-10-batches-py.")
@click.option("--download", is_flag=True, help="Fetch CIFAR-10 into data/ where it is not found.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=None, help="Of the processor; weights depend on it.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=HERE, help="Where weights/, cards/ and checkpoints/ go."
)
@click.option("--no-card", is_flag=True, help="Do not measure and write the card: do not look at the test set.")
def main(
    name: str,
    device: str | None,
    kind: str | None,
    epochs: int | None,
    data: Path | None,
    download: bool,
    seed: int,
    threads: int | None,
    out: Path,
    no_card: bool,
) -> None:
    """Train the reference model NAME, or all of them, the teacher first."""
    console = Console()
    device = choose_device(device)
    if threads is not None:
        torch.set_num_threads(threads)
    recipes = {"cpu": CPU, "gpu": GPU}[kind or ("cpu" if device == "cpu" else "gpu")]
    with one_message():
        cifar10 = load_cifar10(data, download=download)
        for one in DEFINITIONS if name == "all" else [name]:
            recipe = recipes[one] if epochs is None else recipes[one].with_epochs(epochs)
            run = run_recipe(one, recipe, cifar10, out, seed, device, console)
            if not no_card:
                measure_and_write(one, recipe, cifar10, out, run.history, seed=seed, device=device)
                console.print(f"wrote {out / 'cards' / one}.md", soft_wrap=True)


if __name__ == "__main__":
    main()
