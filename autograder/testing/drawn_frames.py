"""Data frames drawn for hidden tests: `rng.frame`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy

if TYPE_CHECKING:
    import pandas

Column: TypeAlias = "list[Any] | range | tuple[float, float] | tuple[date, date] | Callable[[Any, int], Any]"


def drawn_frame(
    generator: numpy.random.Generator, rows: int, columns: Mapping[str, Column], missing: float
) -> pandas.DataFrame:
    """Draw a frame; see `Rng.frame`. Raises TypeError for a column of another form."""
    import pandas  # an extra: only courses about data frames come here

    if not 0 <= missing < 1:
        raise TypeError(f"rng.frame(missing={missing!r}): expected a share from 0 to below 1")
    found = {}
    for name, column in columns.items():
        drawn = pandas.Series(_values(generator, rows, name, column))
        if missing and drawn.dtype.kind not in "iub":  # integers and booleans have no missing value
            drawn = drawn.mask(generator.random(rows) < missing)
        found[name] = drawn
    return pandas.DataFrame(found)


def _values(generator: numpy.random.Generator, rows: int, name: str, column: Column) -> Any:
    if callable(column):
        return column(generator, rows)
    if isinstance(column, list) and column:
        return [column[place] for place in generator.integers(0, len(column), rows)]
    if isinstance(column, range) and column:
        return generator.integers(0, len(column), rows) * column.step + column.start
    if isinstance(column, tuple) and len(column) == 2:
        low, high = column
        if isinstance(low, date) and isinstance(high, date):
            first, last = numpy.datetime64(low, "D"), numpy.datetime64(high, "D")
            days = int((last - first).astype(int)) + 1
            return (first + generator.integers(0, days, rows)).astype("datetime64[ns]")
        if isinstance(low, (int, float)) and isinstance(high, (int, float)):
            return generator.uniform(low, high, rows)
    raise TypeError(
        f"rng.frame: column {name!r} is {column!r}; expected a list or range that is not empty, a pair of numbers or "
        "of dates, or a function of a NumPy generator and the number of rows"
    )
