"""Progress of a training run: a bar with the time that is left on a terminal, one line an epoch elsewhere."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reference_models import training
from reference_models.recipes import Recipe


class ShowProgress:
    """Shows what `train` reports, while used in a `with`. Time left counts a step by the area of its crops."""

    def __init__(self, name: str, recipe: Recipe, console: Console) -> None:
        self._name, self._console = name, console
        # areas of the crops of each epoch, in order
        self._areas = [size * size for size, epochs in recipe.stages for _ in range(epochs)]
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            speed_estimate_period=600,
        )
        self._task = self._bar.add_task(name, total=float(sum(self._areas)))

    def __enter__(self) -> ShowProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, progress: training.Progress) -> None:
        done = sum(self._areas[: progress.epoch - 1]) + self._areas[progress.epoch - 1] * progress.step / progress.steps
        text = f"{self._name}: epoch {progress.epoch} of {progress.epochs}, loss {progress.loss:.3f}"
        self._bar.update(self._task, completed=done, description=text)
        if progress.finished is not None:
            epoch = progress.finished
            self._console.print(
                f"{self._name}: epoch {epoch.epoch} of {progress.epochs}, crops of {epoch.size}: loss "
                f"{epoch.train_loss:.3f}, held out {epoch.held_out_loss:.3f} and {epoch.held_out_accuracy:.1%} right, "
                f"{epoch.seconds:.0f} s",
                highlight=False,
            )
