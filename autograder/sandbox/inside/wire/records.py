"""Data with names: instances of dataclasses, named tuples, and figures as the numbers and words that they show."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from .values import MAX_NAME

MAX_FIELDS = 256
MAX_DRAWN = 400  # of lines, patches and collections of one pair of axes


@dataclass(frozen=True)
class NamedData:
    """An instance of a dataclass, or a figure, as data. handle: of the object itself, which stays there."""

    class_name: str
    fields: Mapping[str, Any]
    handle: Any = None


class Named(tuple[Any, ...]):
    """A tuple whose items have names, as a named tuple's. Its class is made here: nothing is evaluated for it."""

    class_name: str
    _fields: tuple[str, ...]

    @classmethod
    def of(cls, class_name: str, fields: Iterable[str], values: Iterable[Any]) -> Named:
        made = cls(values)
        made.class_name, made._fields = class_name, tuple(fields)
        return made

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._fields:
            return self[self._fields.index(name)]
        raise AttributeError(name)

    def __repr__(self) -> str:
        pairs = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{self.class_name}({pairs})"


def fields_of(thing: Any) -> dict[str, Any] | None:
    """Return the fields of a dataclass's instance or of a figure or its axes; None for everything else, and where a
    name is longer than may travel."""
    kind = type(thing)
    matplotlib = sys.modules.get("matplotlib.figure")
    if matplotlib is not None and issubclass(kind, matplotlib.FigureBase):
        return _figure(thing)
    axes = sys.modules.get("matplotlib.axes")
    if axes is not None and issubclass(kind, axes.Axes):
        return _axes(thing)
    torch = sys.modules.get("torch")
    declared = _of_class(kind, "__dataclass_fields__")
    if type(declared) is not dict or (torch is not None and issubclass(kind, torch.nn.Module)):
        return None
    names = [field.name for field in fields(kind)][:MAX_FIELDS]
    if any(len(name) > MAX_NAME for name in names):
        return None
    try:
        return {name: object.__getattribute__(thing, name) for name in names}
    except AttributeError:  # one was never given, or deleted
        return None


def _of_class(kind: type, name: str) -> Any:
    """Return what a class or one of its bases has under a name, past any metaclass that would answer for it; else
    None.
    """
    for base in type.__dict__["__mro__"].__get__(kind):
        found = type.__dict__["__dict__"].__get__(base)
        if name in found:
            return found[name]
    return None


def names_of(thing: Any) -> tuple[str, ...] | None:
    """Return the names of a named tuple's items; None if it is no named tuple, or has longer names than may travel."""
    names = thing._fields if type(thing) is Named else _of_class(type(thing), "_fields")
    if type(names) is not tuple or len(names) != tuple.__len__(thing):
        return None
    if not all(type(name) is str and len(name) <= MAX_NAME for name in names):
        return None
    return names


def rebuilt(kind: Any, class_name: str, given: Mapping[str, Any], named: bool) -> Any:
    """Return an instance of the notebook's own class `kind` where it has these fields, else data with the same
    names.
    """
    if isinstance(kind, type):
        if named and getattr(kind, "_fields", None) == tuple(given):
            return kind(*given.values())
        declared = getattr(kind, "__dataclass_fields__", None)
        if not named and type(declared) is dict and given.keys() <= declared.keys():
            return kind(**given)
    return Named.of(class_name, given, given.values()) if named else NamedData(class_name, dict(given))


def _figure(figure: Any) -> dict[str, Any]:
    title = getattr(figure, "_suptitle", None)
    return {
        "axes": [{"class": "Axes", **_axes(axes)} for axes in figure.axes[:MAX_DRAWN]],
        "title": _text(title),
        "size": tuple(float(inches) for inches in figure.get_size_inches()),
    }


def _axes(axes: Any) -> dict[str, Any]:
    legend = axes.get_legend()
    return {
        "title": axes.get_title(),
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "xlim": tuple(map(float, axes.get_xlim())),
        "ylim": tuple(map(float, axes.get_ylim())),
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "xticklabels": [_text(label) for label in axes.get_xticklabels()][:MAX_DRAWN],
        "legend": [_text(text) for text in legend.get_texts()][:MAX_DRAWN] if legend is not None else None,
        "lines": [_line(line) for line in axes.get_lines()[:MAX_DRAWN]],
        "bars": [
            {"x": float(bar.get_x()), "y": float(bar.get_y()), "width": float(bar.get_width()),
             "height": float(bar.get_height())}
            for bar in axes.patches[:MAX_DRAWN] if hasattr(bar, "get_height") and hasattr(bar, "get_x")
        ],
        "points": [_points(points) for points in axes.collections[:MAX_DRAWN]],
        "images": [_plain(image.get_array()) for image in axes.get_images()[:MAX_DRAWN]],
        "texts": [_text(text) for text in axes.texts[:MAX_DRAWN]],
    }  # fmt: skip


def _line(line: Any) -> dict[str, Any]:
    return {
        "label": str(line.get_label()),
        "x": _plain(line.get_xdata()),
        "y": _plain(line.get_ydata()),
        "linestyle": str(line.get_linestyle()),
        "marker": str(line.get_marker()),
        "color": str(line.get_color()),
    }


def _points(points: Any) -> dict[str, Any]:
    return {"label": str(points.get_label()), "positions": _plain(points.get_offsets())}


def _plain(values: Any) -> Any:
    import numpy

    return numpy.array(values)


def _text(text: Any) -> str:
    return str(text.get_text()) if text is not None else ""
