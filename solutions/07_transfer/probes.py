"""Helpers which run beside student code. Public: nothing in here is secret, and nothing it says earns points."""

import torch


def with_gradients(model) -> None:
    """Leave a gradient of ones in every parameter, as a `backward` before would."""
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)


def train_as_it_is(model, images) -> None:
    """Three steps of SGD over all parameters, on the mean square of the outputs, in the mode in which the model is."""
    bias = torch.zeros((), requires_grad=True)  # a head, so that there is something to train
    optimizer = torch.optim.SGD([*model.parameters(), bias], lr=0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(3):
        (model(images) + bias).square().mean().backward()
        optimizer.step()


def step_with_groups(model, head_lr: float, backbone_lr: float) -> None:
    """One step of SGD along gradients of ones, with the notebook's groups; a group without a rate has the rate 100."""
    groups = student.fine_tune_parameters(model, head_lr, backbone_lr)  # noqa: F821 - set by the engine: the notebook's names
    optimizer = torch.optim.SGD(groups, lr=100.0)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()


def shuffling_loader(images: torch.Tensor, labels: torch.Tensor, size: int, seed: int):
    """A DataLoader with another order in every pass."""
    dataset = torch.utils.data.TensorDataset(images, labels)
    generator = torch.Generator().manual_seed(seed)
    return torch.utils.data.DataLoader(dataset, batch_size=size, shuffle=True, generator=generator)


def features_keep_a_graph(model, loader) -> bool:
    """Whether the notebook's features could be differentiated."""
    features, _ = student.extract_features(model, loader)  # noqa: F821 - set by the engine: the notebook's names
    return bool(features.requires_grad)
