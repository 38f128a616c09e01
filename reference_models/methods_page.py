"""The report of nine methods as a table of Markdown, and as a figure."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

ALONE = "labels alone"
RARE, RAREST = "rare classes", slice(7, 10)  # a condition, and the classes that have fewest images under it
OfSeeds = dict[str, list[list[float]]]  # method -> one accuracy a class, for each seed


def of_condition(report: dict[str, Any], condition: str) -> OfSeeds:
    """Return the runs of a condition."""
    runs = report["test"][condition]
    return {method: list(runs[method].values()) for method in report["weights"]}


def accuracies(runs: OfSeeds, classes: slice = slice(None)) -> dict[str, list[float]]:
    """Return the accuracy of each method and seed over some of the classes, in percent."""
    return {
        method: [100 * statistics.mean(of_class[classes]) for of_class in of_seed] for method, of_seed in runs.items()
    }


def gains(found: dict[str, list[float]], method: str) -> list[float]:
    """Return by how much a method is above labels alone, seed by seed."""
    return [value - alone for value, alone in zip(found[method], found[ALONE], strict=True)]


def outside_of_the_spread(found: dict[str, list[float]]) -> dict[str, int]:
    """Return 1 where a method's worst seed is above the best of labels alone, -1 for the reverse, 0 otherwise."""
    least, most = min(found[ALONE]), max(found[ALONE])
    return {method: int(min(values) > most) - int(max(values) < least) for method, values in found.items()}


def table(report: dict[str, Any]) -> list[str]:
    """Return the lines of the table: mean accuracy, mean gain over labels alone and its deviation, in points.

    Bold is a gain, italic a loss, outside of the spread of the seeds.
    """
    columns = {condition: accuracies(of_condition(report, condition)) for condition in report["test"]}
    columns[f"{RARE}: those three"] = accuracies(of_condition(report, RARE), RAREST)
    order = sorted(columns, key=lambda name: (list(report["test"]).index(name.split(":")[0]), name))
    lines = ["| method | weight | " + " | ".join(order) + " |", "|---|---|" + "---|" * len(order)]
    for method, weight in report["weights"].items():
        cells = [_cell(columns[name], method) for name in order]
        lines.append(f"| {method} | {f'{weight:g}' if weight else '–'} | " + " | ".join(cells) + " |")
    return lines


def _cell(found: dict[str, list[float]], method: str) -> str:
    mean = f"{statistics.mean(found[method]):.1f}"
    if method == ALONE:
        return f"{mean} ({min(found[method]):.1f} to {max(found[method]):.1f})"
    more = gains(found, method)
    mark = {1: "**", 0: "", -1: "*"}[outside_of_the_spread(found)[method]]
    gain = f"{round(statistics.mean(more), 1) + 0.0:+.1f}".replace("-", "−")  # + 0.0: no minus before a nought
    spread = f" ± {statistics.stdev(more):.1f}" if len(more) > 1 else ""
    return f"{mean} ({mark}{gain}{mark}{spread})"


def draw(report: dict[str, Any], path: Path) -> None:
    """Write the figure: for each condition a dot for every seed, a line at the mean, labels alone as a band."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(report["test"]), figsize=(11, 3.4), sharey=True, layout="constrained")
    for axis, condition in zip(axes, report["test"], strict=True):
        found = accuracies(of_condition(report, condition))
        axis.axvspan(min(found[ALONE]), max(found[ALONE]), color="grey", alpha=0.25)
        for place, values in enumerate(found.values()):
            axis.plot(values, [place] * len(values), "o", alpha=0.6)
            axis.plot([statistics.mean(values)] * 2, [place - 0.3, place + 0.3], color="black", linewidth=2)
        axis.set(title=condition, xlabel="accuracy, %", yticks=range(len(found)), yticklabels=list(found))
    axes[0].invert_yaxis()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
