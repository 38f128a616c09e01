"""The same twelve checks as benchmarks/peers.py gives to nbgrader and otter-grader."""

import torch
from torch.nn import functional as F

from autograder.testing import close, question


@question("standardise")
def test_mean(student, rng):
    """Each column has mean 0."""
    close(student.standardise(rng.normal(64, 5)).mean(0), torch.zeros(5), atol=1e-5)


@question("standardise")
def test_deviation(student, rng):
    """Each column has population standard deviation 1."""
    close(student.standardise(rng.normal(64, 5)).std(0, unbiased=False), torch.ones(5), atol=1e-4)


@question("standardise")
def test_values(student, rng):
    """The values are those of the formula."""
    x = 3 * rng.normal(17, 4) + 2
    close(student.standardise(x), (x - x.mean(0)) / x.std(0, unbiased=False), atol=1e-5)


@question("softmax_loss")
def test_loss(student, rng):
    """The loss is the mean cross-entropy."""
    logits, labels = rng.normal(32, 10), rng.labels(32, 10)
    close(student.softmax_loss(logits, labels), F.cross_entropy(logits, labels), atol=1e-5)


@question("softmax_loss")
def test_stable(student, rng):
    """The loss is stable for large logits."""
    logits = torch.tensor([[1000.0, 0.0], [0.0, -1000.0]])
    close(student.softmax_loss(logits, torch.tensor([1, 0])), torch.tensor(500.0), atol=1e-3)


@question("softmax_loss")
def test_single(student, rng):
    """A batch of one works."""
    logits, labels = rng.normal(1, 3), rng.labels(1, 3)
    close(student.softmax_loss(logits, labels), F.cross_entropy(logits, labels), atol=1e-5)


@question("conv_block")
def test_parameters(student, rng):
    """The block has weights, biases and the two batch-norm vectors."""
    assert student.conv_block(3, 8).parameter_count() == 3 * 8 * 9 + 8 + 2 * 8


@question("conv_block")
def test_shape(student, rng):
    """The stride halves the image."""
    assert tuple(student.conv_block(3, 8, 2)(rng.normal(2, 3, 16, 12)).shape) == (2, 8, 8, 6)


@question("conv_block")
def test_relu(student, rng):
    """The last layer is a ReLU after batch norm: about half of the outputs are zero."""
    out = student.conv_block(3, 8)(rng.normal(4, 3, 16, 16))
    assert out.min() == 0
    assert 0.3 < (out == 0).float().mean() < 0.7


@question("accuracy")
def test_accuracy(student, rng):
    """The share of right rows."""
    logits, labels = rng.normal(50, 10), rng.labels(50, 10)
    assert abs(student.accuracy(logits, labels) - (logits.argmax(1) == labels).float().mean().item()) < 1e-6


@question("accuracy")
def test_float(student, rng):
    """The result is a Python float."""
    assert type(student.accuracy(rng.normal(4, 3), rng.labels(4, 3))) is float


@question("accuracy")
def test_perfect(student, rng):
    """Perfect predictions give 1."""
    assert student.accuracy(torch.eye(7), torch.arange(7)) == 1.0
