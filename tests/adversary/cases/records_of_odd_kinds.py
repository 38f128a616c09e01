# attacks: 24, 33, 48
# tries: records and named tuples that hold themselves, have fields that act, or names that mean something
# honest: standardise
# %%
import collections, dataclasses, enum, types


@dataclasses.dataclass
class Loop:
    me: object = None

    def __post_init__(self):
        self.me = self


class Faked:
    __dataclass_fields__ = {name: 5 for name in ("__class__", "__dict__", "a" * 10_000, "\u202e", "")}
    __dataclass_params__ = None

    def __getattr__(self, name):
        raise SystemExit(name)


class Acting(tuple):
    _fields = ("__class__", "count", "index", "x")
    _asdict = lambda self: {number: self for number in range(10**6)}
    __getnewargs__ = lambda self: (self,)


class Kind(enum.IntFlag):
    ALL = -1
    A = 1 << 200


Wide = dataclasses.make_dataclass("Wide", [(f"f{number}", int, number) for number in range(3000)])
Named = collections.namedtuple("Named", ["x"] + [f"y{number}" for number in range(2000)])
Named.__name__ = Named.__qualname__ = "</td><script>alert(6)</script>"
VALUES = [
    Loop(), Faked(), Acting((1, 2, 3, 4)), Kind.ALL, Kind.A, Wide(), Named(*range(2001)), types.SimpleNamespace(a=Loop()), types.MappingProxyType({1: 2}),
    collections.Counter({"a": float("inf")}), collections.OrderedDict([(("a", ("b",)), 1)]), collections.ChainMap({}, {1: 2}), memoryview(b"x" * 100),
    collections.deque([Loop()], 5), frozenset([frozenset([1])]), {frozenset([1]): 1}, {Kind.A: 1}, bytearray(10**6), types.GenericAlias(list, (int,)),
]


def accuracy(logits, labels):
    return VALUES


def softmax_loss(logits, labels):
    return VALUES[(7 * len(labels) + logits.shape[1]) % len(VALUES)]


def conv_block(cin, cout, stride=1):
    return VALUES[cout % len(VALUES)]
