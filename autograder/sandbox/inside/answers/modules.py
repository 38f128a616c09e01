"""Networks as structure and state: how a test's own model is made anew in a student process.

A network travels as class names from an allow-list of public torch layers, their constructor's
arguments, whether it trains, which parameters ask for gradients, and a state dict; never as code
and never as a pickle. `describe` runs on the trusted side on the test's own network, `build` beside
student code. What a solution defines cannot be described: the reference stays where it is.
"""

from __future__ import annotations

from typing import Any

from ..wire.protocol import ProtocolError

_CONV = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")
_POOL = ("kernel_size", "stride", "padding", "ceil_mode")

# class -> constructor arguments that are read back from attributes of the same name
LAYERS: dict[str, tuple[str, ...]] = {
    "Sequential": (),
    "Identity": (),
    "Linear": ("in_features", "out_features"),
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "BatchNorm1d": ("num_features", "eps", "momentum", "affine", "track_running_stats"),
    "BatchNorm2d": ("num_features", "eps", "momentum", "affine", "track_running_stats"),
    "GroupNorm": ("num_groups", "num_channels", "eps", "affine"),
    "LayerNorm": ("normalized_shape", "eps", "elementwise_affine"),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "ReLU": ("inplace",),
    "LeakyReLU": ("negative_slope", "inplace"),
    "ELU": ("alpha", "inplace"),
    "GELU": ("approximate",),
    "SiLU": ("inplace",),
    "Sigmoid": (),
    "Softplus": ("beta", "threshold"),
    "Tanh": (),
    "Softmax": ("dim",),
    "LogSoftmax": ("dim",),
    "Dropout": ("p", "inplace"),
    "Dropout2d": ("p", "inplace"),
    "Flatten": ("start_dim", "end_dim"),
    "Unflatten": ("dim", "unflattened_size"),
    "AdaptiveAvgPool2d": ("output_size",),
    "AvgPool2d": (*_POOL, "count_include_pad"),
    "MaxPool2d": (*_POOL, "dilation"),
    "ZeroPad2d": ("padding",),
    "Upsample": ("size", "scale_factor", "mode", "align_corners"),
}
_HAVE_BIAS = ("Linear", "Conv1d", "Conv2d")


def describe(module: Any) -> list[dict[str, Any]]:
    """Return the structure of a network of allow-listed layers: one row a layer, outer ones first.

    A row has the layer's `path` in dotted form, `class`, constructor `arguments`, mode `training` and
    the names of its own `frozen` parameters. Raises TypeError naming the layer that is not allowed.
    """
    from torch import nn

    rows = []
    for path, layer in module.named_modules(remove_duplicate=False):
        name = type(layer).__name__
        if name not in LAYERS or type(layer) is not getattr(nn, name):
            raise TypeError(
                f"{type(layer).__module__}.{name} cannot be copied to the student process: build the network from "
                f"{', '.join(LAYERS)}, or define it in probes.py"
            )
        arguments = {argument: getattr(layer, argument) for argument in LAYERS[name]}
        if name in _HAVE_BIAS:
            arguments["bias"] = layer.bias is not None
        frozen = [key for key, value in layer.named_parameters(recurse=False) if not value.requires_grad]
        row = {"path": path, "class": name, "arguments": arguments, "training": layer.training, "frozen": frozen}
        rows.append(row)
    return rows


def build(rows: Any, state: Any) -> Any:
    """Return the network that `describe` described, with `state` loaded. Raises ProtocolError for any other
    structure.
    """
    from torch import nn

    built: dict[str, Any] = {}
    for row in rows:
        if row["class"] not in LAYERS:
            raise ProtocolError(f"{row['class']} is not on the list of layers")
        layer = getattr(nn, row["class"])(**row["arguments"])
        built[row["path"]] = layer
        if row["path"]:
            parent, _, name = row["path"].rpartition(".")
            built[parent].add_module(name, layer)
    module = built[""]
    floating = {value.dtype for value in state.values() if value.is_floating_point()}
    if len(floating) == 1:
        module = module.to(floating.pop())
    module.load_state_dict(state)
    for row in rows:
        built[row["path"]].training = row["training"]
        for name in row["frozen"]:
            built[row["path"]].get_parameter(name).requires_grad_(False)
    return module
