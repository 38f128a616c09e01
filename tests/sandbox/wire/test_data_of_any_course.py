"""Arrays, frames, dates, sets, records and figures travel as plain data, there and back, bounded and typed."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections import namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow
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
        np.array([(1, "Bern", 2.5), (2, "Genf", 3.5)], dtype=[("n", "i4"), ("city", "U8"), ("x", "f8")]),
        np.zeros((2, 3), dtype=[("at", "f4", (2,)), ("inner", [("a", "i1"), ("when", "M8[D]")])]),
        np.zeros(0, dtype=[("a", "i8")]), np.zeros((), dtype=[("a", "i8")]),
    ],
    ids=lambda array: str(array.dtype),
)  # fmt: skip
def test_arrays_keep_dtype_shape_and_values(array: Any) -> None:
    found = travelled(array)
    texts = array.dtype.names is not None and "city" in array.dtype.names  # they take the room of the longest
    assert texts or found.dtype == array.dtype or (array.dtype.kind == "U" and found.dtype.kind == "U")
    assert found.shape == array.shape
    np.testing.assert_array_equal(found.astype(array.dtype), array)


@pytest.mark.parametrize(
    "array",
    [
        np.ma.masked_array([1.5, 9.0], [False, True]), np.ma.masked_array([[1, 2], [3, 4]]),
        np.ma.masked_less([1, 5], 3), np.ma.masked_array(["a", "b"], [True, False]), np.ma.masked_array([], dtype="i2"),
    ],
)  # fmt: skip
def test_masked_arrays_keep_what_is_masked_and_not_what_the_mask_hides(array: Any) -> None:
    found = travelled(array)
    assert type(found) is np.ma.MaskedArray
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(np.ma.getmaskarray(found), np.ma.getmaskarray(array))
    np.testing.assert_array_equal(found.compressed(), array.compressed())
    assert not found.data[np.ma.getmaskarray(found)].any()


def test_a_record_of_an_array_with_fields() -> None:
    row = np.array([(1, 2.5)], dtype=[("n", "i4"), ("x", "f8")])[0]
    found = travelled(row)
    assert type(found) is np.void
    assert (found["n"], found["x"], found.dtype) == (1, 2.5, row.dtype)


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
            "month": pd.PeriodIndex(["2026-01", None, "2026-03"], freq="M"),
            "quarter": pd.PeriodIndex(["2026Q1", "2026Q2", None], freq="Q-JAN"),
            "bin": pd.cut([1.0, 2.0, np.nan], [0, 1.5, 3]).astype("interval[float64, right]"),
            "rare": pd.arrays.SparseArray([0.0, 0.0, 1.0], fill_value=0.0),
            "arrow": pd.array([1, None, 3], dtype="int64[pyarrow]"),
            "arrow text": pd.array(["a", None, "c"], dtype=pd.ArrowDtype(pyarrow.string())),
            "arrow yes": pd.array([True, None, False], dtype="bool[pyarrow]"),
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
    frame().groupby("month")[["price"]].sum(),
    frame().pivot_table(index="city", columns="month", values="price"),
    frame().groupby(pd.cut(frame()["price"], [0, 2, 4]), observed=False)[["count"]].sum(),
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
    january, february = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")
    for scalar in (
        pd.Period("2026-03", freq="M"),
        pd.Period("2026Q2", freq="Q-DEC"),
        pd.Period("2026-01-05", freq="W-SUN"),
        pd.Interval(0, 1.5),
        pd.Interval(january, february, "left"),
    ):
        assert travelled(scalar) == scalar
        named = pd.Series([1], name=scalar)
        assert travelled(named).name == scalar
    for array in (pd.array([1, None], dtype="Int64"), pd.period_range("2026-01", periods=2, freq="M").array):
        assert identical(travelled(array), array)
    assert travelled(pd.NaT) is pd.NaT
    assert travelled(pd.NA) is pd.NA


def table() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "price": [1.5, None, float("nan")],
            "count": pl.Series([1, 2, None], dtype=pl.Int32),
            "city": ["Bern", None, "Genève"],
            "yes": [True, None, False],
            "day": [date(2026, 1, 1), None, date(9999, 12, 31)],
            "when": [datetime(2026, 1, 1, 12), None, datetime(1, 1, 1)],
            "zoned": pl.Series([datetime(2026, 7, 1, 12), None, None]).dt.replace_time_zone("Europe/Zurich"),
            "span": [timedelta(days=-1), None, timedelta(milliseconds=1)],
            "hour": [time(23, 59, 59), None, time(0)],
            "kind": pl.Series(["x", "y", None], dtype=pl.Categorical),
            "size": pl.Series(["S", None, "L"], dtype=pl.Enum(["S", "M", "L"])),
            "none": [None, None, None],
        }
    )


def test_frames_and_series_of_polars() -> None:
    for frame in (table(), table().head(0), pl.DataFrame(), table().select("city", "price")):
        found = travelled(frame)
        assert found.schema == frame.schema
        assert found.equals(frame, null_equal=True)
    for column in table().get_columns():
        assert identical(travelled(column), column)
    assert travelled(pl.Series([[1], [2]])) == Other("a column of dtype List(Int64)")


@pytest.mark.parametrize(
    ("name", "own", "number"),
    [("Date", None, 2**31 - 1), ("Datetime", ["ms", ""], 2**62), ("Duration", ["us", ""], -(2**62)), ("Time", None, -1),
     ("Datetime", ["ms", "No/Where"], 1), ("Datetime", ["weeks", ""], 1), ("Datetime", None, 1)],
)  # fmt: skip
def test_moments_at_which_polars_would_panic_are_refused(name: str, own: Any, number: int) -> None:
    _, arrays = frames_of([np.array([number], dtype="int32" if name == "Date" else "int64"), np.array([False])])
    with pytest.raises(ProtocolError):
        Decoder(arrays, lambda reference: reference).decode(
            {"polars series": ["a", [name, own], {"ndarray": 0}, {"ndarray": 1}]}
        )


@pytest.mark.parametrize(
    ("ordinal", "frequency"), [(2**62, "M"), (1, "M" * 50), (1, "__import__"), (1, "1e9M"), (1, 3)]
)
def test_periods_beyond_the_calendar_or_of_no_frequency_are_refused(ordinal: int, frequency: Any) -> None:
    with pytest.raises(ProtocolError):
        Decoder([], lambda reference: reference).decode({"period": [ordinal, frequency]})


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
        (np.ma.zeros(1, dtype=[("a", int)]), "a masked array with fields"),
        (np.zeros(1, dtype="V8"), "array of dtype |V8"),
        (np.zeros(1, dtype=[("a", [("b", "V3")])]), "of dtype"),
        (np.zeros(2, dtype=np.longdouble), "array of dtype float128"),
        (pd.Series([1], name=frozenset()), "a series or index whose name is no scalar"),
        (pd.DataFrame({"a": pd.array([[1]], dtype=pd.ArrowDtype(pyarrow.list_(pyarrow.int64())))}),
         "a column of dtype list<item: int64>[pyarrow]"),
    ],
)  # fmt: skip
def test_what_cannot_travel_is_named(thing: Any, name: str) -> None:
    found = travelled(thing)
    assert isinstance(found, Other)
    assert name in found.type_name
    with pytest.raises(CannotBeSent, match=re.escape(name)):
        Encoder(lambda held: None, strict=True).encode(thing, 4)


# What student code might send instead. Nothing but ProtocolError may come of it, and nothing large.

WORDS = [
    "M8[ns]", "m8[D]", "U", "O", "S3", "S99999999", "plain", "strings", "masked", "zoned", "categorical", "one",
    "range",
    "levels", "period", "interval", "sparse", "arrow", "int64[pyarrow]", "M", "W-SUN", "right", "Date", "Datetime",
    "Enum",
    "Null", "Int8", "us", "str", "Int64", "Europe/Zurich", "../../etc/passwd", "+02:00", "csr", "dia", "NaT", "NA",
    "2026-01-01", "1e999999999",
]  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.text(max_size=8),
    st.sampled_from([*WORDS, "0x" + "f" * 5000]),
)  # fmt: skip
FORMS = [
    "array", "scalar", "fields", "masked", "texts", "mapping", "set", "frozenset", "frame", "series", "index", "values",
    "timestamp", "duration", "period", "interval", "polars frame", "polars series", "sparse", "record", "named",
    "integer",
    "date", "time", "datetime", "timedelta", "decimal", "missing", "list", "tuple", "ndarray", "numbers", "float",
    "dict",
]  # fmt: skip
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


MANY = [  # a table of polars is made in the test: its threads do not survive the forks of `make mutate`
    *FRAMES, frame()["kind"], np.array(["a", "b"]), sparse.eye(3).tocsr(), {1, 2}, Point(1, 2), table,
    np.zeros(2, dtype=[("a", "i4"), ("b", "U3")]), np.ma.masked_array([1, 2], [True, False]), pd.Interval(0, 1),
]  # fmt: skip


def frames_of(thing: Any) -> tuple[Any, list[Any]]:
    encoder = Encoder(lambda held: None)
    value = encoder.encode(thing, 4)
    return value, encoder.arrays


@settings(max_examples=300)
@given(
    st.sampled_from(MANY),
    st.data(),
)
def test_a_changed_frame_is_refused_or_is_data(thing: Any, data: st.DataObject) -> None:
    value, arrays = frames_of(table() if thing is table else thing)
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


def test_many_arrays_of_texts_are_counted_together() -> None:
    """Each may take a thousand times the room that its texts took on the wire, and a message holds many."""
    texts = ["x" * 60_000, *[""] * 200]  # 48 MB as an array
    value, arrays = frames_of([texts, texts])
    wide = [{"array": ["U", [201], part]} for part in value["list"]]
    assert len(Decoder(arrays, lambda reference: reference).decode(wide[0])) == 201
    with pytest.raises(ProtocolError, match="too large for one message"):
        Decoder(arrays, lambda reference: reference).decode({"list": wide})
    big = np.array(texts)
    assert travelled([big, big])[1] == Other(f"arrays of more than {64 << 20} bytes"), "the honest end counts, too"


def test_identical_knows_all_of_it() -> None:
    for thing in [
        *(one for one in MANY if type(one) is not Point and one is not table),
        table(),
        frame()["price"],
        np.array(["a"]),
        {1, 2},
        date(2026, 1, 1),
        sparse.eye(2).tocsr(),
    ]:
        assert identical(thing, travelled(thing))
    assert not identical(frame(), frame().assign(price=1.0))
    wide = np.array(["a"], dtype="U40")
    assert identical(wide, travelled(wide)), "else whoever got it is said to have changed it"
    assert not identical(np.array(["a"]), np.array(["b"]))
    masked = np.ma.masked_array([1, 2], [True, False])
    assert not identical(masked, np.ma.masked_array([1, 2], [False, False]))
    assert not identical(np.array([1, 2]), masked)
    fields = np.zeros(1, dtype=[("a", "i4"), ("b", "f8")])
    assert not identical(fields, fields[["b", "a"]])
    assert not identical(table(), table().with_columns(count=pl.lit(1)))


@pytest.mark.parametrize("form", ["polars series", "frame"])
def test_a_library_that_is_not_there_is_named_to_the_author_and_no_fault_here(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, arrays = frames_of(table()["count"] if form == "polars series" else FRAMES[6])
    for name in ("polars", "pandas"):
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    assert Decoder(arrays, lambda reference: reference).decode(value) == Other(form)
    with pytest.raises(ModuleNotFoundError):
        Decoder(arrays, lambda reference: reference, lambda *_: None).decode(value)
