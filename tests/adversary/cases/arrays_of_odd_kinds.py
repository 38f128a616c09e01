# attacks: 24, 34, 48
# tries: arrays and tables that hold themselves, lie about their memory or have types that nobody sends
# honest: standardise
# %%
import numpy as np

inside = np.empty(1, object)
inside[0] = inside
strided = np.lib.stride_tricks.as_strided(np.zeros(1), shape=(1 << 30, 1 << 20), strides=(0, 0))
ARRAYS = [
    inside, strided, np.zeros(3, dtype=[("a", "f4"), ("b", "O")]), np.array(["x" * 1000] * 1000), np.array([b"\0"] * 3, dtype="V7"),
    np.array([2**62], dtype="M8[as]"), np.array(["NaT"], dtype="m8"), np.zeros((0,) * 30), np.float128(1), np.array([np.nan], dtype=object),
    np.frombuffer(b"\1" * 16, dtype=">f8"), np.ma.masked_array([1.0], [True]), np.zeros(3)[::-1], np.zeros((2, 2), order="F").T, np.str_("x" * 10**6),
    np.array([[[1, [2]], None], ...], dtype=object), np.rec.array([(1, "a")]), np.matrix([[1.0]]), np.datetime64("2000-01-01", "fs"), np.void(b"\0" * 100),
]


class Mine(np.ndarray):
    dtype = property(lambda self: np.dtype("f4"))
    shape = property(lambda self: (1,))
    tobytes = lambda self, *a: b"\0" * (1 << 28)
    __array_interface__ = property(lambda self: {"shape": (1 << 40,), "typestr": "<f8", "data": (1, False), "version": 3})


class Claims:
    __array_interface__ = {"shape": (1 << 20,), "typestr": "<f8", "data": (4096, False), "version": 3}
    __array_struct__ = 5
    __dlpack__ = lambda self, **k: 5


ARRAYS += [np.zeros(4).view(Mine), Claims()]
try:
    import pandas as pd

    frame = pd.DataFrame({"a": [1.0], "b": [inside]})
    frame.attrs["x"] = frame
    ARRAYS += [frame, pd.DataFrame({"a": range(3)}, index=[pd.NaT, None, float("nan")]), pd.DataFrame(np.zeros((1, 20_000))), pd.Series([frame]),
               pd.MultiIndex.from_product([range(60)] * 3), pd.Series(pd.arrays.SparseArray([0, 1])), pd.interval_range(0, 3), pd.Period("2000")]
except ImportError:
    pass
try:
    from scipy import sparse

    lying = sparse.csr_matrix(np.eye(3))
    lying.indices = np.array([2**30, -5, 7], dtype=np.int32)
    lying.indptr = np.array([0, 2**30, -1, 3], dtype=np.int32)
    ARRAYS += [sparse.coo_matrix((1 << 22, 1 << 22)), sparse.dok_array((3, 3)), lying]
except ImportError:
    pass
count = 0


def one():
    global count
    count += 1
    return ARRAYS[count % len(ARRAYS)]


def accuracy(logits, labels):
    return ARRAYS[len(labels) % len(ARRAYS)]


def softmax_loss(logits, labels):
    return ARRAYS[(7 * len(labels) + logits.shape[1]) % len(ARRAYS)]


def conv_block(cin, cout, stride=1):
    class Block(nn.Module):
        def forward(self, x):
            return [each for each in ARRAYS[len(x) % 3 :: 3]]

        def parameters(self, recurse=True):
            return list(ARRAYS)

    return Block()
