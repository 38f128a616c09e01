"""Whether an answer follows from the student's own earlier functions: every rule, without a student process."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy
import pandas
import pytest
import torch

from autograder.sandbox.student import StudentError
from autograder.testing import carry
from autograder.testing.carry import VARIED, Given, NotCarried, PutOff, Reference, _vary
from autograder.testing.compare import Check
from autograder.testing.kinds import Mismatch
from autograder.testing.running import running

MISMATCH = Mismatch("It is wrong.")
SESSION = SimpleNamespace(
    reference={"prev": lambda x: x * 2, "other": lambda x: x + 1, "scale": 7.0}, seed_key=b"key", notebook_sha256="sha"
)


class Students:
    """The forks of a student process whose functions are these, and what each fork was asked, in order."""

    def __init__(self, **functions: Callable[..., Any]) -> None:
        self.functions = functions
        self._asked: list[list[tuple[str, tuple[Any, ...], dict[str, Any]]]] = []

    @property
    def asked(self) -> list[list[tuple[str, tuple[Any, ...], dict[str, Any]]]]:
        return [calls for calls in self._asked if calls]

    @contextmanager
    def fresh(self, session: Any, question: str, test: str) -> Iterator[Any]:
        assert (session, question) == (SESSION, "later")
        assert test
        calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._asked.append(calls)

        class Fork:
            def __getattr__(_, name: str) -> Callable[..., Any]:
                def call(*args: Any, **kwargs: Any) -> Any:
                    calls.append((name, args, kwargs))
                    if name not in self.functions:
                        raise StudentError("AttributeError", where="request")
                    return self.functions[name](*args, **kwargs)

                return call

        yield Fork()


def tripled(x: Any) -> Any:
    return x * 3


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Students]:
    def judge(
        got: Any,
        formula: Any,
        *,
        wrong: Any = (),
        atol: float = 1e-6,
        rtol: float = 0.0,
        test: str = "t",
        **functions: Any,
    ) -> Students:
        students = Students(**(functions or {"prev": tripled}))
        monkeypatch.setattr(carry, "_fresh", students.fresh)
        put_off = PutOff(formula, wrong, got, Check(atol=atol, rtol=rtol), MISMATCH)
        put_off.judge(SESSION, "later", test)  # type: ignore[arg-type]
        return students

    return judge


def refused(why: Any = MISMATCH) -> Any:
    if why is MISMATCH:
        return pytest.raises(Mismatch, match=r"^It is wrong\.$")
    return pytest.raises(NotCarried, match=f"^`prev` {why}$")


def plus_one(f: Any) -> Any:
    return f.prev(5.0) + 1


def test_what_follows_from_the_earlier_mistake_is_right(judged: Any) -> None:
    students = judged(16.0, plus_one)
    assert len(students.asked) == VARIED + 1, "a fork for each input, and none where no wrong formula is named"
    assert all(len(calls) == 1 for calls in students.asked)


@pytest.mark.parametrize("got", [11.0, 17.0, math.nan, None, "16"])
def test_what_does_not_follow_from_it_is_wrong(judged: Any, got: Any) -> None:
    with refused():
        judged(got, plus_one)


def test_where_the_earlier_function_is_right_there_is_nothing_to_carry(judged: Any) -> None:
    with refused():
        judged(11.0, plus_one, prev=lambda x: x * 2)
    with refused():  # as far as the check can see
        judged(11.3, plus_one, prev=lambda x: x * 2 + 0.3, atol=0.5)
    judged(11.6, plus_one, prev=lambda x: x * 2 + 0.6, atol=0.5)
    with refused():
        judged(12.0, plus_one, prev=lambda x: x * 2.2, rtol=0.2)
    judged(14.0, plus_one, prev=lambda x: x * 2.6, rtol=0.2)
    with refused():  # whole numbers are the numbers
        judged(11, lambda f: f.prev(5) + 1, prev=lambda x: float(x * 2), atol=0.5)


def test_one_of_several_earlier_functions_that_is_wrong_is_enough(judged: Any) -> None:
    def formula(f: Any) -> Any:
        return f.prev(5.0) + f.prev(1.0)

    judged(12.5, formula, prev=lambda x: x * 2 + (0.5 if x == 1 else 0))


def test_a_named_mistake_is_not_excused(judged: Any) -> None:
    """Neither made with the solution's functions nor with the student's own."""
    judged(16.9, plus_one, atol=1.0)
    with refused():
        judged(16.9, plus_one, atol=1.0, wrong=[lambda f: f.prev(5.0) + 7.8])  # 17.8 of the solution's 10
    with refused():
        judged(16.9, plus_one, atol=1.0, wrong=[lambda f: f.prev(5.0) + 2.8])  # 17.8 of the student's 15
    with refused():
        judged(16.9, plus_one, atol=1.0, wrong=[lambda f: 90.0, lambda f: f.prev(5.0) + 2.8])
    judged(16.9, plus_one, atol=1.0, wrong=[lambda f: f.prev(5.0) + 3.8])


def test_a_mistake_that_the_draw_makes_right_is_none(judged: Any) -> None:
    judged(16.0, plus_one, wrong=[lambda f: 16.0, lambda f: f.prev(5.0) + 6, lambda f: f.prev(5.0) + 1])


def test_answers_are_repeated_to_the_wrong_formulas(judged: Any) -> None:
    """So that a function which draws gives the later mistake the numbers that the expectation had."""
    numbers = iter(range(100))

    def drawing(x: float, *, by: float = 1.0) -> float:
        return x * 3 * by + 100 * next(numbers)

    seen: list[float] = []  # of the solution, and of the student

    def formula(f: Any) -> float:
        seen.append(f.prev(5.0))
        return seen[-1]

    def mistake(f: Any) -> float:
        found = float(f.prev(5.0))
        if not isinstance(f, Reference):
            assert found == seen[1]
            assert f.prev(6.0) != found, "another argument is another call"
            assert f.prev(5.0, by=1.0) != found
            assert f.prev(5.0) == found
            seen.append(found)
        return found

    with refused():
        judged(-1.0, formula, prev=drawing, wrong=[mistake])
    assert len(seen) == 3


@pytest.mark.parametrize(
    "answer",
    [math.nan, math.inf, -math.inf, complex(0, math.inf), torch.tensor([1.0, math.nan]), numpy.array([math.inf]),
     numpy.array([complex(math.nan, 0)]), [1.0, (2.0, math.nan)], {"a": 1.0, "b": math.inf}],
)  # fmt: skip
def test_answers_that_are_not_finite_carry_nothing(judged: Any, answer: Any) -> None:
    with refused("gives NaN or infinite numbers"):
        judged(1.0, lambda f: (f.prev(5.0), 1.0)[1], prev=lambda x: answer)


@pytest.mark.parametrize("answer", [None, object(), [], {}, [1.0, None], {"a": object()}, len])
def test_answers_that_are_no_data_carry_nothing(judged: Any, answer: Any) -> None:
    with refused("gives no number or tensor"):
        judged(1.0, lambda f: (f.prev(5.0), 1.0)[1], prev=lambda x: answer)


@pytest.mark.parametrize("kind", [int, float, complex, lambda x: f"{x}", lambda x: [x], lambda x: {"a": x},
                                  lambda x: numpy.array([int(x)]), lambda x: torch.tensor([x]),
                                  lambda x: numpy.array([float(x)]), lambda x: numpy.array([f"{x}"]),
                                  lambda x: pandas.DataFrame({"a": [x]})])  # fmt: skip
def test_answers_of_many_kinds_are_data(judged: Any, kind: Any) -> None:
    judged(1.0, lambda f: float(f.prev(5.0) is not None), prev=lambda x: kind(x * 3))


def test_answers_that_do_not_vary_carry_nothing(judged: Any) -> None:
    why = "gives the same answer for different inputs"
    with refused(why):
        judged(16.0, plus_one, prev=lambda x: 15.0)
    with refused(why):  # by no more than the check tolerates
        judged(16.0, plus_one, prev=lambda x: 15.0 + x / 100, atol=0.5)
    with refused(why):
        judged(16.0, plus_one, prev=lambda x: 15.0 + (x - 5) / 10, rtol=0.1)
    with refused(why):  # whole and broken numbers are the same number
        judged(16.0, plus_one, prev=lambda x: 15 if x == 5 else 15.0)
    with refused(why):  # in one of the two rounds
        judged(16.0, plus_one, prev=lambda x: 15.0 if x < 9 else 3 * x)
    with refused(why):
        judged(16.0, plus_one, prev=lambda x: 15.0 if x in (5.0, 10.0) else 3 * x)
    with refused(why):  # of several functions the second
        judged(16.0, lambda f: f.prev(f.other(5.0)) + 1, other=tripled, prev=lambda x: 15.0)


def test_a_call_that_the_solution_s_answers_would_not_make_is_not_known_to_vary(judged: Any) -> None:
    def formula(f: Any) -> Any:
        first = f.prev(1.0)
        return first + (f.prev(5.0) if first > 2.5 else 0.0)

    with refused("gives the same answer for different inputs"):
        judged(18.0, formula)


def test_who_is_not_carried_is_named() -> None:
    error = NotCarried("prev", "gives nothing")
    assert (error.name, error.why, str(error)) == ("prev", "gives nothing", "`prev` gives nothing")


def test_what_is_put_off_notes_no_distances() -> None:
    """What the reference says was noted; what is tried from then on is another expectation."""
    check = Check()
    check.noted_as = "a check"
    test = SimpleNamespace(session=SESSION, put_off=[])
    with running(test):  # type: ignore[arg-type]
        Given(plus_one, ()).judge(11.0, check)
        assert (test.put_off, check.noted_as) == ([], "a check")
        Given(plus_one, ()).judge(16.0, check)
    ((put_off,),) = [test.put_off]
    assert (put_off.got, put_off.formula, put_off.check, put_off.check.noted_as) == (16.0, plus_one, check, "")


def test_exceptions_carry_nothing(judged: Any) -> None:
    def picky(x: float) -> float:
        if x != 5.0:
            raise StudentError("ValueError")
        return 15.0

    with refused("raises an exception for another input"):
        judged(16.0, plus_one, prev=picky)

    def broken(x: float) -> float:
        raise StudentError("ValueError")

    with refused("is missing or raises an exception"):
        judged(16.0, plus_one, prev=broken)
    with refused("is missing or raises an exception"):
        judged(16.0, plus_one, other=tripled)


def test_an_expectation_that_is_no_number_excuses_nothing(judged: Any) -> None:
    with refused():
        judged(16.0, lambda f: f.prev(5.0) * math.nan)


def test_other_inputs_come_before_and_after_in_an_order_of_the_secret(
    judged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each round asks with other numbers, in positions and by name; what is no number stays."""

    def formula(f: Any) -> Any:
        return f.prev(5.0, "up", flag=True, by=2.0)

    def prev(x: float, way: str, *, flag: bool, by: float) -> float:
        return x * by * 3

    orders = set()
    own = SESSION.reference | {"prev": lambda x, way, *, flag, by: x * by}
    for number in range(40):
        monkeypatch.setattr(SESSION, "reference", own)
        students = judged(30.0, formula, prev=prev, test=f"test {number}")
        inputs = [calls[0][1:] for calls in students.asked]
        ((place,),) = [[n for n, (args, _) in enumerate(inputs) if args == (5.0, "up")]]
        orders.add(place)
        assert inputs[place] == ((5.0, "up"), {"flag": True, "by": 2.0})
        others = inputs[:place] + inputs[place + 1 :]
        assert others == [((7.5, "up"), {"flag": True, "by": 3.0}), ((10.0, "up"), {"flag": True, "by": 4.0})]
    assert orders == set(range(VARIED + 1))
    orders = set()
    for number in range(40):
        monkeypatch.setattr(SESSION, "notebook_sha256", f"notebook {number}")
        asked = judged(30.0, formula, prev=prev).asked
        orders |= {n for n, calls in enumerate(asked) if calls[0][1] == (5.0, "up")}
    assert orders == set(range(VARIED + 1)), "of each notebook another"


def test_what_the_reference_answers_is_what_the_next_function_is_asked_with(judged: Any) -> None:
    """The other inputs of a second function begin at the solution's answer of the first, not at the student's."""
    students = judged(126.0, lambda f: f.prev(f.prev(5.0)) + 1, prev=lambda x: x * 5)
    for calls in students.asked:
        assert [name for name, _, _ in calls] == ["prev", "prev"]
    assert sorted(calls[1][1][0] for calls in students.asked) == [15.0, 20.0, 25.0]  # 10 · 1.5, 10 · 2, 5 · 5


def test_the_solution_s_names_are_attributes() -> None:
    assert Reference(SESSION.reference).scale == 7.0
    with pytest.raises(AttributeError, match="the solution does not define `gone`"):
        _ = Reference(SESSION.reference).gone


@pytest.mark.parametrize(
    ("argument", "once", "twice"),
    [
        (4, 8, 12),
        (2.0, 3.0, 4.0),
        (True, True, True),
        ("word", "word", "word"),
        (None, None, None),
        ([1, 2.0, "a"], [2, 3.0, "a"], [3, 4.0, "a"]),
        ((1, [2]), (2, [4]), (3, [6])),
        (numpy.array([4, 4, 4, 4]), numpy.array([5, 6, 7, 5]), numpy.array([6, 7, 8, 6])),
        (numpy.full((2, 1), 4, "uint8"), numpy.array([[5], [6]], "uint8"), numpy.array([[6], [7]], "uint8")),
        (numpy.array([[4.0], [4.0]]), numpy.array([[2.5], [3.5]]), numpy.array([[1.5], [3.5]])),
        (numpy.float32([]), numpy.float32([]), numpy.float32([])),
        (torch.tensor([4.0, 4.0, 4.0]), torch.tensor([2.5, 3.0, 3.5]), torch.tensor([1.5, 2.5, 3.5])),
        (torch.full((2, 1), 4.0).double(), torch.DoubleTensor([[2.5], [3.5]]), torch.DoubleTensor([[1.5], [3.5]])),
        (torch.zeros(2, 0), torch.zeros(2, 0), torch.zeros(2, 0)),
        (torch.tensor(4.0), torch.tensor(2.5), torch.tensor(1.5)),
        (torch.tensor([4, 4]), torch.tensor([4, 4]), torch.tensor([4, 4])),
    ],
)  # fmt: skip
def test_other_inputs_are_of_the_same_kind_and_of_another_value(argument: Any, once: Any, twice: Any) -> None:
    for varied, expected in ((_vary(argument), once), (_vary(argument, 1), once), (_vary(argument, 2), twice)):
        assert type(varied) is type(expected)
        if isinstance(expected, (numpy.ndarray, torch.Tensor)):
            assert (varied.dtype, varied.shape) == (expected.dtype, expected.shape)
            assert bool((varied == expected).all())
        else:
            assert varied == expected


def test_a_tensor_that_asks_for_its_gradient_is_varied_without() -> None:
    assert not _vary(torch.ones(2, requires_grad=True)).requires_grad


def test_frames_are_varied_in_their_numbers() -> None:
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "c": ["x", "y"]})
    assert _vary(frame).to_dict("list") == {"a": [3, 5], "b": [2.0, 4.0], "c": ["x", "y"]}
    assert _vary(frame, 2).to_dict("list") == {"a": [4, 7], "b": [2.5, 5.5], "c": ["x", "y"]}
    assert frame.to_dict("list")["a"] == [1, 2]
    assert _vary(frame["a"]).tolist() == [3, 5]
    assert _vary(frame["c"]).tolist() == ["x", "y"]
    assert _vary(frame[["c"]])["c"].tolist() == ["x", "x", "y"]
    assert len(_vary(frame[["c"]].iloc[:0])) == 0


def test_frames_of_polars_are_varied_in_their_numbers() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, 2], "c": ["x", "y"]})
    assert _vary(frame).to_dict(as_series=False) == {"a": [3, 5], "c": ["x", "y"]}
    assert _vary(frame, 2)["a"].to_list() == [4, 7]
    assert _vary(frame["a"]).to_list() == [3, 5]
    assert _vary(frame.select("c"))["c"].to_list() == ["x", "x", "y"]
    assert len(_vary(frame.select("c").head(0))) == 0
