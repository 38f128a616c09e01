"""SciPy's sparse arrays and matrices, as the coordinates of what they store."""

from __future__ import annotations

from typing import Any

from .columns import MAX_ROWS, CannotTravel, Decoding, Encoding, one_dimension, parts_of
from .protocol import ProtocolError

_SPARSE = ("csr", "csc", "coo", "bsr", "dia", "dok", "lil")


def encode_sparse(encoder: Encoding, thing: Any, level: int) -> dict[str, Any]:
    """Return a sparse array or matrix, as the coordinates of what is stored."""
    held = thing.tocoo()
    if len(thing.shape) != 2:
        raise CannotTravel("a sparse array that has not two dimensions")
    parts = [
        encoder.encode(part, level + 2) for part in (held.data, held.row.astype("int64"), held.col.astype("int64"))
    ]
    is_matrix = "matrix" in type(thing).__name__
    return {"sparse": [thing.format, [int(n) for n in thing.shape], *parts, is_matrix]}


def decode_sparse(decoder: Decoding, content: Any) -> Any:
    """Make an array compressed by row or column, else of coordinates: some other formats take far more room than what
    they store."""
    from scipy import sparse

    kind, shape, *parts, is_matrix = parts_of(content, 6, "sparse")
    if kind not in _SPARSE or type(is_matrix) is not bool or type(shape) is not list or len(shape) != 2:
        raise ProtocolError("a sparse array of unknown kind")
    if not all(type(length) is int and 0 <= length <= MAX_ROWS for length in shape):
        raise ProtocolError("a sparse array that is too large")
    data, rows, columns = (one_dimension(decoder.decode(part)) for part in parts)
    if data.dtype.kind not in "biufc" or {rows.dtype.name, columns.dtype.name} != {"int64"}:
        raise ProtocolError("a sparse array without numbers")
    made = (sparse.coo_matrix if is_matrix else sparse.coo_array)((data, (rows, columns)), shape=tuple(shape))
    return made.asformat(kind if kind in ("csr", "csc") else "coo")
