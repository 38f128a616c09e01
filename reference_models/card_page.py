"""A card's JSON as a page of Markdown, and its curves as a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

# what the course uses it for; what it is good and bad at by its making (what it was measured to be good and bad at
# the page says from the numbers)
ABOUT = {
    "baseline": (
        "Eleven 3×3 convolutions without shortcuts",
        "Teacher in 04; the network that 02 looks into and 05 puts to the test; yardstick in 01.",
        "Its labels were hard and unsmoothed, so its softened answers rank wrong classes usefully. It is six times as "
        "large as the others, and slow without a GPU.",
    ),
    "mobilenet": (
        "Depthwise and pointwise convolutions",
        "Yardstick in 03; the student alone in 04.",
        "5.5 times fewer multiply-accumulates than the baseline at 6.6 times fewer parameters; on a processor the time "
        "saved is far less, since its maps are as wide and every one of them is normalised twice as often.",
    ),
    "mobilenet_distilled": (
        "Depthwise and pointwise convolutions",
        "Yardstick in 04: the same network, recipe and seed as mobilenet, with the baseline as its teacher.",
        "Its probabilities are those of a student of softened answers: compare the calibration with mobilenet's.",
    ),
    "resnet_supervised": (
        "Basic blocks with shortcuts, one in each of four stages",
        "The supervised one of the two networks in 06.",
        "Small and quick; its last features separate the ten classes, and carry little else.",
    ),
    "resnet_rotation": (
        "Basic blocks with shortcuts, one in each of four stages",
        "The self-supervised one of the two networks in 06.",
        "It has seen no labels: it tells by how many quarter turns an image was rotated. Objects that look alike from "
        "all sides (seen from above, or centred faces of animals) are its weakness, and its last block knows less of "
        "classes than those before it.",
    ),
    "resnet_eight_classes": (
        "Basic blocks with shortcuts, one in each of four stages",
        "The backbone of 07: it has never seen a cat or a dog, so that telling them apart is a real transfer.",
        "Its labels 0..7 are airplane, automobile, bird, deer, frog, horse, ship, truck. What it says of a cat or a "
        "dog means nothing.",
    ),
}


def page(card: dict[str, Any]) -> str:
    """Return the card as Markdown; beside it lies the figure `<name>.png`."""
    form, use, character = ABOUT[card["name"]]
    test, training = card["test"], card["training"]
    lines = [
        f"# {card['name']}",
        "",
        f"{form} (`reference_models/{card['definition'].replace('.', '.py`, `', 1)}`). {use}",
        "",
        f"![Loss and accuracy by epoch]({card['name']}.png)",
        "",
        "| what | figure |",
        "|---|---|",
        f"| parameters | {card['parameters']:,} |",
        f"| multiply-accumulates for one 32×32 image | {card['multiply_accumulates']:,} |",
        f"| accuracy on the test set ({test['images']:,} images) | **{test['accuracy']:.2%}** |",
        f"| cross-entropy on the test set | {test['loss']:.3f} |",
        f"| expected calibration error, 15 bins | {test['expected_calibration_error']:.3f} |",
        f"| right among the first {card['first']['images']:,} | {card['first']['right']:,} |",
        f"| nine crops of 24×24 that agree with the most common answer | {card['crop_stability']['agreement']:.1%} |",
        f"| standard deviation of its probability over the crops | {card['crop_stability']['deviation']:.3f} |",
        f"| processor time for a batch of 1, and of 128 (one thread, float32) | {_times(card)} |",
        f"| file | {card['bytes'] / 1e6:.1f} MB, half precision |",
        f"| SHA-256 | `{card['sha256']}` |",
        "",
        "## Good and bad at",
        "",
        character,
        "",
        *_strengths(card),
        "",
        "## Accuracy by class, by resolution",
        "",
        *_table("class", dict(zip(card["classes"], test["per_class"], strict=True))),
        "",
        *_table("side in pixels", card["by_resolution"]),
        "",
        f"Resolutions on the first {card['first']['images']:,} test images, scaled bilinearly.",
        "",
        *_probes(card),
        "## How it was trained",
        "",
        *_training(card["name"], training, card["task"]),
    ]
    return "\n".join(lines) + "\n"


def _times(card: dict[str, Any]) -> str:
    one, many = card["milliseconds"]["1"], card["milliseconds"]["128"]
    return f"{one:.1f} ms, {many:.0f} ms"


def _strengths(card: dict[str, Any]) -> list[str]:
    test, names = card["test"], card["classes"]
    ranked = sorted(zip(test["per_class"], names, strict=True))
    (low, worst), (high, best) = ranked[0], ranked[-1]
    confused = test["most_confused"]
    label, taken = names[confused["label"]], names[confused["taken_for"]]
    sizes = {int(size): accuracy for size, accuracy in card["by_resolution"].items()}
    gap = test["expected_calibration_error"]
    return [
        f"* Best at *{best}* ({high:.1%}), worst at *{worst}* ({low:.1%}); most often it takes *{label}* for *{taken}* "
        f"({confused['images']} images).",
        f"* At half the resolution {sizes[16]:.1%} are right, at twice {sizes[64]:.1%}, at its own {sizes[32]:.1%}.",
        f"* Confidence and accuracy differ by {gap:.3f} in the mean over the bins of confidence.",
    ]


def _table(head: str, columns: dict[str, float]) -> list[str]:
    return [
        f"| {head} | " + " | ".join(columns) + " |",
        "|---|" + "---|" * len(columns),
        "| right | " + " | ".join(f"{value:.1%}" for value in columns.values()) + " |",
    ]


def _probes(card: dict[str, Any]) -> list[str]:
    lines = []
    if probes := card.get("probes"):
        best = max(probes, key=lambda probe: probe["linear_held_out"])
        lines += [
            "## What each block knows of the ten classes",
            "",
            "| block | features | linear probe, held out | linear probe, test | 20 nearest neighbours, test |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {probe['block']} | {probe['features']:,} | {probe['linear_held_out']:.1%} | {probe['linear_test']:.1%} "
            f"| {probe['neighbours_test']:.1%} |"
            for probe in probes
        ]
        lines += [
            "",
            f"Maps averaged over a grid of 4×4; the best block by the held-out images is **{best['block']}**, with "
            f"{best['linear_test']:.1%} on the test set.",
            "",
        ]
    if against := card.get("cats_against_dogs"):
        lines += ["## Cats against dogs, by a linear classifier on the last features", ""]
        lines += [*_table("labelled images", against), ""]
    return lines


def _training(name: str, training: dict[str, Any], task: str) -> list[str]:
    recipe = training["recipe"]
    stages = ", then ".join(f"{epochs} of {size}×{size}" for size, epochs in recipe["stages"])
    data = f"{training['images']:,} training images of CIFAR-10"
    if task == "rotations":
        turned = "in all four rotations" if recipe["all_rotations"] else "each in one drawn rotation"
        data += f", {turned}, without their labels"
    lines = [
        f"* Data: {data}; 5,000 other training images were held out (for this task {training['held_out']:.2%} of them "
        "right at the end), and the test set was read once.",
        f"* Epochs of random crops: {stages} pixels, flipped at random; batches of {recipe['batch']}.",
        f"* SGD with Nesterov momentum {recipe['momentum']}; the learning rate rises to {recipe['peak_lr']} during "
        f"{recipe['warm_up']:.0%} of the steps and falls to zero; weight decay {recipe['weight_decay']:g}; bfloat16 "
        "autocast.",
    ]
    if recipe["teacher"]:
        lines.append(
            f"* Teacher: `{recipe['teacher']}`, T = {recipe['temperature']:g}, alpha = {recipe['alpha']:g} (weight of "
            "the teacher)."
        )
    lines += [
        f"* Device: {training['device']}; seed {training['seed']}; torch {training['torch']}. Wall time "
        f"{training['seconds'] / 60:.1f} minutes, in which it had {training['cpu_seconds'] / 60:.1f} minutes of "
        "processor time.",
        f"* Again: `python -m reference_models.train {name} --seed {training['seed']}{_threads(training)}`.",
    ]
    return lines


def _threads(training: dict[str, Any]) -> str:
    """Return what a run on a processor has to fix beside its seed: weights depend on the number of threads."""
    return f" --threads {training['threads']}" if training["threads"] else ""


def draw_curves(card: dict[str, Any], path: Path) -> None:
    """Draw loss and accuracy by epoch, while training (on crops) and on the held-out images (whole), as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    history = card["training"]["history"]
    epochs = [epoch["epoch"] for epoch in history]
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    for axis, what in zip(axes, ("loss", "accuracy"), strict=True):
        for part, label in (("train", "training, on crops"), ("held_out", "held out, whole images")):
            axis.plot(epochs, [epoch[f"{part}_{what}"] for epoch in history], marker="o", markersize=3, label=label)
        axis.set(xlabel="epoch", ylabel=what)
        axis.grid(alpha=0.3)
    if card["training"]["recipe"]["teacher"]:
        axes[0].set_title("training loss is that of distillation", fontsize=9)
    axes[1].legend()
    figure.suptitle(card["name"])
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
