"""Helpers which run beside student code. Public: nothing in here is secret, and nothing it says earns points.

`train_epoch` and `evaluate` call the notebook's `cross_entropy`. So that a mistake there is not paid for
twice, their tests put another loss in its place: not the one that the exercise asks for, but one that
depends on every argument.
"""

import inspect

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

_recording = []  # of every forward pass that is watched: whether gradients were recorded


class Recorder(TorchFunctionMode):
    """Notes the names of torch's functions and methods that are called from Python."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.names.add(getattr(function, "__name__", ""))
        return function(*args, **(kwargs or {}))


class Below(TorchDispatchMode):
    """Notes the operators that are carried out, by whatever way they were reached: compiled code calls no Python."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(function.name().split("::")[1].split(".")[0])
        return function(*args, **(kwargs or {}))


COMPILED = {"_log_softmax": "log_softmax", "nll_loss_forward": "nll_loss", "logsumexp": "logsumexp"}


def torch_functions_of_cross_entropy(logits, labels):
    """Sorted names of the torch functions that the notebook's `cross_entropy` calls."""
    with Below() as below, Recorder() as recorder:
        student.cross_entropy(logits, labels)  # noqa: F821 - set by the engine: the notebook's names
    return sorted(recorder.names | {COMPILED[name] for name in below.names & COMPILED.keys()})


def full_network():
    """`BaselineNet()` without numbers; with them where its constructor cannot do without."""
    try:
        with torch.device("meta"):
            return student.BaselineNet()  # noqa: F821
    except (NotImplementedError, RuntimeError):
        return student.BaselineNet()  # noqa: F821


def stand_in_loss(logits, labels):
    """A tenth of the mean squared distance of the logits from the one-hot labels: steps at a rate of 0.1 converge."""
    return (logits - nn.functional.one_hot(labels, logits.shape[1])).pow(2).sum(dim=1).mean() / 10


def use_stand_in(name):
    """Let the notebook's function of this name find the stand-in where it looks for `cross_entropy`."""
    names = getattr(inspect.unwrap(getattr(student, name)), "__globals__", {})  # noqa: F821
    names["cross_entropy"] = stand_in_loss


def watch(model):
    """From now on note for each forward pass whether gradients are recorded."""
    model.register_forward_hook(lambda *_: _recording.append(torch.is_grad_enabled()))


def gradients_were_recorded():
    return any(_recording)
