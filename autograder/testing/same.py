"""Are two values the same data?"""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

import numpy

from autograder.sandbox.inside.wire.records import Named, NamedData
from autograder.testing.tensors import is_tensor


def identical(left: Any, right: Any) -> bool:
    """Return whether two values are the same data, bit for bit but for missing values and NaN, which equal each other.

    Tensors, arrays, frames, sparse arrays, records, and containers of them.
    """
    if is_tensor(left):
        if not is_tensor(right) or left.dtype != right.dtype or left.shape != right.shape:
            return False
        left, right = left.detach(), right.detach()
        return bool(((left == right) | ((left != left) & (right != right))).all())
    if isinstance(left, numpy.ndarray):
        return isinstance(right, numpy.ndarray) and _same_arrays(left, right)
    if is_frame(left):
        return type(left) is type(right) and bool(left.equals(right)) and _same_labels(left, right)
    if is_polars(left):
        if type(left) is not type(right) or not left.equals(right, null_equal=True):
            return False
        return bool(left.schema == right.schema if hasattr(left, "schema") else left.dtype == right.dtype)
    if is_sparse(left):
        if type(left) is not type(right) or left.shape != right.shape or left.dtype != right.dtype:
            return False
        return bool((left != right).nnz == 0)
    if isinstance(left, NamedData):
        return (
            isinstance(right, NamedData)
            and left.class_name == right.class_name
            and identical(left.fields, right.fields)
        )
    if isinstance(left, dict):
        return isinstance(right, dict) and len(left) == len(right) and _same_members(left, right)
    if isinstance(left, (set, frozenset)):
        return type(left) is type(right) and len(left) == len(right) and set(map(_key, left)) == set(map(_key, right))
    if isinstance(left, Named):
        named_alike = isinstance(right, Named) and left.class_name == right.class_name and left._fields == right._fields
        return named_alike and all(map(identical, left, right))
    if isinstance(left, (list, tuple)):
        return type(left) is type(right) and len(left) == len(right) and all(map(identical, left, right))
    if type(left) is not type(right):
        return False
    if left is right:
        return True
    equal, itself = left == right, left != left and right != right
    return equal is True or bool(itself)


def is_frame(value: Any) -> bool:
    """Return whether a value is a DataFrame, Series, Index or array of pandas. Does not import pandas."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return False
    arrays: Any = pandas.api.extensions.ExtensionArray
    return isinstance(value, (pandas.DataFrame, pandas.Series, pandas.Index, arrays))


def is_polars(value: Any) -> bool:
    """Return whether a value is a DataFrame or Series of polars. Does not import polars."""
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(value, (polars.DataFrame, polars.Series))


def is_sparse(value: Any) -> bool:
    """Return whether a value is a sparse array or matrix of SciPy. Does not import SciPy."""
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(value))


def _same_arrays(left: numpy.ndarray[Any, Any], right: numpy.ndarray[Any, Any]) -> bool:
    texts = left.dtype.kind == right.dtype.kind == "U"  # on its way an array gets the room of its longest text
    fields = left.dtype.names
    if left.shape != right.shape or fields != right.dtype.names:
        return False
    if left.dtype != right.dtype and not texts and fields is None:
        return False
    if isinstance(left, numpy.ma.MaskedArray) or isinstance(right, numpy.ma.MaskedArray):
        mask = numpy.ma.getmaskarray(left)
        if type(left) is not type(right) or not numpy.array_equal(mask, numpy.ma.getmaskarray(right)):
            return False
        left, right = numpy.ma.getdata(left)[~mask], numpy.ma.getdata(right)[~mask]
    if fields is not None:
        return all(_same_arrays(left[name], right[name]) for name in fields)
    if left.dtype.kind == "O":
        return all(map(identical, left.ravel().tolist(), right.ravel().tolist()))
    return bool(numpy.array_equal(left, right, equal_nan=left.dtype.kind in "fcMm"))


def _same_members(left: dict[Any, Any], right: dict[Any, Any]) -> bool:
    ours, theirs = ({_key(key): value for key, value in side.items()} for side in (left, right))
    return ours.keys() == theirs.keys() and all(identical(ours[key], theirs[key]) for key in ours)


def _key(item: Any) -> Any:
    """Return what stands for an item of a set, or a key: True is not 1 there, and each NaN is the same one."""
    if isinstance(item, (tuple, frozenset)):
        return type(item), (tuple if isinstance(item, tuple) else frozenset)(map(_key, item))
    nan = isinstance(item, (float, complex, Decimal)) and item != item
    return type(item), repr(item) if nan else item


def _same_labels(left: Any, right: Any) -> bool:
    """Return whether names, and dtypes of indexes and arrays, are the same: `equals` looks at values only."""
    pandas: Any = sys.modules["pandas"]  # it is there: both are of it
    if isinstance(left, pandas.DataFrame):
        return _same_labels(left.index, right.index) and _same_labels(left.columns, right.columns)
    if isinstance(left, pandas.MultiIndex):
        return identical(list(left.names), list(right.names)) and list(left.dtypes) == list(right.dtypes)
    if left.dtype != right.dtype:
        return False
    if isinstance(left, pandas.Series) and not _same_labels(left.index, right.index):
        return False
    return not isinstance(left, (pandas.Series, pandas.Index)) or identical(left.name, right.name)
