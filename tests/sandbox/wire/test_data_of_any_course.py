"""Arrays, frames, dates, sets, records and figures travel as plain data, there and back, bounded and typed."""

from __future__ import annotations

import contextlib
import json
from collections import namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from autograder.sandbox.inside.wire.decoder import Decoder
from autograder.sandbox.inside.wire.encoder import Encoder
from autograder.sandbox.inside.wire.protocol import ProtocolError, encode_frame, read_frame_of
from autograder.sandbox.inside.wire.records import Named, NamedData
from autograder.sandbox.inside.wire.values import CannotBeSent, HandleRef, Other, encode_handle
from autograder.testing.same import identical

Point = namedtuple("Point", "x y")


@dataclass
class Account:
    owner: str
    balance: Decimal


def travelled(thing: Any) -> Any:
    encoder = Encoder(lambda held: encode_handle(HandleRef(7, "object", type(held).__name__)))
    value = encoder.encode(thing, 4)
    header, arrays = read_frame_of(encode_frame({"value": value}, encoder.arrays))
    return Decoder(arrays, lambda reference: reference).decode(header["value"])


@pytest.mark.parametrize(
    "thing",
    [
        {1, 2, 3}, frozenset({"a", "b"}), set(), {("a", 1), ("b", 2)}, {date(2026, 1, 2)},
        2**70, -(3**500), 1 + 2j,
        date(2026, 11, 27), time(12, 30, 1, 5), datetime(2026, 11, 27, 1, 2, 3, 4),
        datetime(2026, 11, 27, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Zurich")),
        timedelta(days=-3, microseconds=7), Decimal("1.50"), Decimal("-Infinity"), b"\0\xff",
        ["ä"] * 40, {f"key {n}": n for n in range(3000)}, {("a", 1): 2.5, ("b", 2): None}, {date(2026, 1, 1): 1},
        {"nested": [{"deep": (1, {2, 3})}]},
    ],
    ids=lambda thing: f"{type(thing).__name__}",
)  # fmt: skip
def test_plain_values_come_back_as_they_were(thing: Any) -> None:
    found = travelled(thing)
    assert found == thing
    assert type(found) is type(thing)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3), np.array([1.5, np.nan]), np.array([1 + 2j]), np.array([True]), np.uint64([2**63]),
        np.array(["Bern", "Zürich", ""]), np.array([["a", "bb"]]), np.array([b"a", b"bc"]), np.array([], dtype="U5"),
        np.array(["2026-01-01", "NaT"], dtype="datetime64[D]"), np.array([1, 2], dtype="timedelta64[ms]"),
        np.array([None, 1, "a", 2.5], dtype=object), np.array(["x", "y"], dtype=object), np.float16([1]),
        np.zeros((0, 3)), np.array(7), np.array("2026-01-01", dtype="datetime64[ns]"),
    ],
    ids=lambda array: str(array.dtype),
)  # fmt: skip
def test_arrays_keep_dtype_shape_and_values(array: Any) -> None:
    found = travelled(array)
    assert found.dtype == array.dtype or (array.dtype.kind == "U" and found.dtype.kind == "U")
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    "scalar", [np.datetime64("2026-01-01T10", "s"), np.timedelta64(3, "D"), np.datetime64("NaT", "ns")]
)
def test_moments_of_numpy(scalar: Any) -> None:
    found = travelled(scalar)
    assert type(found) is type(scalar)
    assert found.dtype == scalar.dtype
    assert found == scalar or (np.isnat(found) and np.isnat(scalar))


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "price": [1.5, np.nan, 3.0],
            "count": np.array([1, 2, 3], dtype="int32"),
            "city": ["Bern", None, "Genève"],
            "old": pd.Series(["a", 1, None], dtype=object),
            "kind": pd.Categorical(["x", "y", None], categories=["y", "x", "z"], ordered=True),
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "yes": pd.array([True, None, False], dtype="boolean"),
            "when": pd.to_datetime(["2026-01-01 00:00", None, "2026-03-01 12:00"]),
            "zoned": pd.to_datetime(["2026-01-01", None, "2026-07-01"]).tz_localize("Europe/Zurich"),
            "span": pd.to_timedelta([1, None, 3], unit="D"),
            "text": pd.array(["p", None, "q"], dtype="string"),
        }
    )


FRAMES = [
    frame(),
    frame().set_index("count"),
    frame().set_index(["city", "kind"]),
    frame()[["price"]].iloc[:0],
    pd.DataFrame(index=range(3)),
    pd.DataFrame(np.arange(4).reshape(2, 2), columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["l", "n"])),
    pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2026-01-01", periods=2, freq="D", name="day")),
    pd.concat([pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})], axis=1),
    frame().groupby("city").agg({"price": ["mean", "max"], "count": "sum"}),
]


@pytest.mark.parametrize("table", FRAMES, ids=range(len(FRAMES)))
def test_frames_keep_columns_dtypes_index_and_missing_values(table: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(travelled(table), table, check_freq=False)


def test_series_and_indexes() -> None:
    series = frame()["zoned"].rename(3)
    pd.testing.assert_series_equal(travelled(series), series)
    for index in (pd.RangeIndex(3, 30, 4, name="n"), pd.Index(["a", "b"]), pd.DatetimeIndex(["2026-01-01"], name="d")):
        pd.testing.assert_index_equal(travelled(index), index)
    counts = pd.Series(list("abca")).value_counts()
    pd.testing.assert_series_equal(travelled(counts), counts)
    for scalar in (
        pd.Timestamp("2026-01-01 12:00", tz="Europe/Zurich"),
        pd.Timestamp("2026-01-01"),
        pd.Timedelta("1h"),
    ):
        assert travelled(scalar) == scalar
    assert travelled(pd.NaT) is pd.NaT
    assert travelled(pd.NA) is pd.NA


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
@pytest.mark.parametrize("make", [sparse.coo_array, sparse.coo_matrix])
def test_sparse_arrays(form: str, make: Any) -> None:
    held = make(([1.0, 2.0], ([0, 2], [1, 0])), shape=(3, 4)).asformat(form)
    found = travelled(held)
    assert found.format == form
    assert type(found) is type(held)
    np.testing.assert_array_equal(found.toarray(), held.toarray())


def test_a_sparse_array_is_never_made_larger_than_what_it_stores() -> None:
    wide = sparse.coo_array((np.ones(1000), (np.zeros(1000, int), np.arange(1000))), shape=(1, 8_000_000)).todia()
    assert travelled(wide).format == "coo"


def test_records_keep_their_names() -> None:
    found = travelled(Point(1, [2.0]))
    assert isinstance(found, Named)
    assert (found.class_name, found.x, found.y, tuple(found)) == ("Point", 1, [2.0], (1, [2.0]))
    account = travelled(Account("Ada", Decimal("3.10")))
    assert isinstance(account, NamedData)
    assert (account.class_name, dict(account.fields)) == ("Account", {"owner": "Ada", "balance": Decimal("3.10")})
    assert account.handle == HandleRef(7, "object", "Account")


def test_figures_are_the_numbers_and_words_that_they_show() -> None:
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.axes  # noqa: B018 - is imported with it
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.plot([1, 2, 3], [4.0, 5.0, 6.0], label="sales")
    left.set(title="By month", xlabel="month", ylabel="CHF")
    left.legend()
    right.bar(["a", "b"], [3, 1])
    right.scatter([0, 1], [2, 2])
    found = travelled(figure)
    first, second = found.fields["axes"]
    assert (found.class_name, first["title"], first["xlabel"], first["legend"]) == (
        "Figure",
        "By month",
        "month",
        ["sales"],
    )
    np.testing.assert_array_equal(first["lines"][0]["y"], [4.0, 5.0, 6.0])
    assert [bar["height"] for bar in second["bars"]] == [3.0, 1.0]
    assert second["points"][0]["positions"].shape == (2, 2)
    assert travelled(left).fields["ylabel"] == "CHF"


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (np.ma.masked_array([1], [True]), "MaskedArray"),
        (np.zeros(1, dtype=[("a", int)]), "ndarray"),
        (pd.DataFrame({"a": pd.period_range("2026-01", periods=2, freq="M")}), "a column of dtype period[M]"),
    ],
)
def test_what_cannot_travel_is_named(thing: Any, name: str) -> None:
    assert travelled(thing) == Other(name)
    with pytest.raises(CannotBeSent, match=name.replace("[", r"\[")):
        Encoder(lambda held: None, strict=True).encode(thing, 4)


# What student code might send instead. Nothing but ProtocolError may come of it, and nothing large.

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.text(max_size=8), st.sampled_from(
        ["M8[ns]", "m8[D]", "U", "O", "S3", "S99999999", "plain", "strings", "masked", "zoned", "categorical", "one",
         "range", "levels", "str", "Int64", "Europe/Zurich", "../../etc/passwd", "+02:00", "csr", "dia", "NaT", "NA",
         "2026-01-01", "1e999999999", "0x" + "f" * 5000])
)  # fmt: skip
FORMS = ["array", "scalar", "texts", "mapping", "set", "frozenset", "frame", "series", "index", "values", "timestamp",
         "duration", "sparse", "record", "named", "integer", "date", "time", "datetime", "timedelta", "decimal",
         "missing", "list", "tuple", "ndarray", "numbers", "float", "dict"]  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from(FORMS), inner, min_size=1, max_size=1),
    max_leaves=25,
)


def refused_or_small(value: Any, arrays: list[Any]) -> None:
    with contextlib.suppress(ProtocolError):
        Decoder(arrays, lambda reference: reference).decode(value)


@settings(max_examples=400)
@given(VALUES)
def test_nonsense_is_refused(value: Any) -> None:
    refused_or_small(value, [])


MANY = [*FRAMES, frame()["kind"], np.array(["a", "b"]), sparse.eye(3).tocsr(), {1, 2}, Point(1, 2)]


def frames_of(thing: Any) -> tuple[Any, list[Any]]:
    encoder = Encoder(lambda held: None)
    value = encoder.encode(thing, 4)
    return value, encoder.arrays


@settings(max_examples=300)
@given(
    st.sampled_from([*FRAMES, frame()["kind"], np.array(["a", "b"]), sparse.eye(3).tocsr(), {1, 2}, Point(1, 2)]),
    st.data(),
)
def test_a_changed_frame_is_refused_or_is_data(thing: Any, data: st.DataObject) -> None:
    value, arrays = frames_of(thing)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, child in list(members):
            places.append((node, key))
            walk(child)

    value = json.loads(json.dumps(value))
    walk(value)
    for _ in range(data.draw(st.integers(1, 3))):
        node, key = data.draw(st.sampled_from(places))
        node[key] = data.draw(LEAVES | st.integers(-3, 30) | VALUES)
    refused_or_small(value, arrays)


@pytest.mark.parametrize(
    "value",
    [
        {"array": ["U", [2**22], {"texts": [0, 1]}]},
        {"index": ["range", [0, 2**62, 1], [None]]},
        {"set": {"numbers": 0}},
        {"array": ["S60000000", [60000000], 0]},
    ],
)  # fmt: skip
def test_what_would_grow_here_is_refused_before_it_is_made(value: Any) -> None:
    long_list = [float(n) for n in range(30_000)]
    _, arrays = frames_of(long_list)
    with pytest.raises(ProtocolError):
        Decoder(arrays, lambda reference: reference).decode(value)


def test_one_long_text_among_many_is_refused() -> None:
    """In an array of NumPy every text takes the room of the longest."""
    value, arrays = frames_of(["x" * 100_000, *["y"] * 10_000])
    with pytest.raises(ProtocolError, match="too large"):
        Decoder(arrays, lambda reference: reference).decode({"array": ["U", [10_001], value]})


def test_identical_knows_all_of_it() -> None:
    for thing in [*FRAMES, frame()["price"], np.array(["a"]), {1, 2}, date(2026, 1, 1), sparse.eye(2).tocsr()]:
        assert identical(thing, travelled(thing))
    assert not identical(frame(), frame().assign(price=1.0))
