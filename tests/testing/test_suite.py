"""A suite run for real submissions: what becomes of right, wrong, missing, raising, hanging and lying code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.records import TestStatus
from autograder.sandbox.interface import SandboxFault
from autograder.suite.suite import SuiteError, collect_file

SOFTEN = """
import torch
def soften(logits, T):
    return (logits / T).softmax(-1)
"""
TESTS = '''
TWIN = public_twin("soften", torch.tensor([[2.0, 0.0], [0.0, 4.0]]), 2.0)

@question("soften", twin=TWIN)
@pytest.mark.parametrize("t", [1.0, 3.0])
def test_values(student, reference, rng, t):
    """Logits are divided by T. Then comes the softmax."""
    x = rng.normal(8, 10)
    close(student.soften(x, t), reference.soften(x, t), shape=(8, 10))
'''


def test_right_code_passes_and_a_twin_is_not_run(grade: Any) -> None:
    outcomes = grade(TESTS, SOFTEN, SOFTEN)
    assert [outcome.status for outcome in outcomes] == [TestStatus.PASSED] * 2
    assert [outcome.name for outcome in outcomes] == ["test_values[1.0]", "test_values[3.0]"]
    assert outcomes[0].title == "Logits are divided by T."
    assert outcomes[0].question == "soften"
    assert all(outcome.twin is None and not outcome.message for outcome in outcomes)


def test_a_wrong_axis_fails_with_a_public_and_a_private_text_and_the_twin(grade: Any) -> None:
    outcome = grade(TESTS, SOFTEN, SOFTEN.replace("-1", "0"))[0]
    assert outcome.status == TestStatus.FAILED
    assert outcome.message == "The answer has the right shape, but its values differ."
    assert "largest error" in outcome.detail
    assert outcome.twin.shows == "soften(torch.tensor([[2.0, 0.0], [0.0, 4.0]]), 2.0)"
    assert not outcome.twin.agrees
    assert outcome.twin.expected.values == [[0.731059, 0.268941], [0.119203, 0.880797]]
    assert outcome.twin.found.values == [[0.731059, 0.119203], [0.268941, 0.880797]]


def test_no_hidden_number_is_public(grade: Any) -> None:
    leak = """
import torch
def soften(logits, T):
    raise type("X" + str(float(logits[0, 0])).replace(".", "_").replace("-", "m"), (Exception,), {})(str(logits))
"""
    outcome = grade(TESTS, SOFTEN, leak)[0]
    assert outcome.status == TestStatus.ERROR
    assert outcome.traceback.exception == "Exception"
    assert outcome.traceback.message == ""
    assert outcome.message == "Your code raised Exception."
    assert outcome.traceback.lines[0][:2] == (0, 3)
    assert "tensor(" in outcome.detail
    assert outcome.twin.found.kind == "error"
    assert "tensor(" in outcome.twin.found.text


def test_lines_come_from_the_notebook_and_not_from_the_process(grade: Any) -> None:
    forged = """
import linecache
def soften(logits, T):
    text = f"secret {float(logits[0, 0])}"
    linecache.cache["<cell 0>"] = (1, None, [text] * 20, "<cell 0>")
    raise ValueError
"""
    outcome = grade(TESTS, SOFTEN, forged)[0]
    assert [line[2] for line in outcome.traceback.lines] == ["raise ValueError"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("x = 1", "`soften` is not defined: was its cell deleted, or did it fail?"),
        ("def soften(logits, T): raise NotImplementedError", "The blank is not filled yet: it raises"),
        ("def soften(logits): return logits", "It could not be called as the text says"),
        ("soften = 3", "`soften` cannot be called"),
        ("import os\ndef soften(logits, T): os._exit(0)", "The program ended in the middle of the call"),
    ],
)
def test_errors_say_what_happened(grade: Any, cell: str, message: str) -> None:
    outcome = grade(TESTS, SOFTEN, cell)[0]
    assert outcome.status == TestStatus.ERROR
    assert outcome.message.startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("None", "The answer should be a torch tensor, but is None (is a `return` missing?)."),
        ("logits.numpy()", "NumPy array. Compute with torch"),
        ("logits.tolist()", "but is a list. Put its items together"),
        ("logits[:1]", "The answer should have shape (8, 10), but has (1, 10)."),
        ("logits.double()", "The answer should have dtype float32, but has float64."),
        ("logits * float('nan')", "The answer holds NaN."),
        ("logits / 0 * 0 + float('inf')", "The answer holds"),
        ("object()", "an object that is no plain data"),
        ("(logits / T).softmax(-1),", "but is a tuple. Put its items together"),
        ("(logits / T).softmax(-1).half()", "should have dtype float32, but has float16"),
        ("(logits / T).softmax(-1).to('meta')", "but is a tensor on the device `meta`, which holds no numbers"),
        ("(logits / T).softmax(-1).to_sparse()", "but is a sparse tensor (`.to_dense()`"),
        ("torch.quantize_per_tensor(logits, 0.1, 0, torch.qint8)", "but is a quantised tensor (`.dequantize()`"),
        ("torch.nn.parameter.UninitializedParameter()", "should have shape (8, 10), but has (0,)"),
        ("torch.nn.Softmax(-1)", "should be a torch tensor, but is a module"),
        ("{'probabilities': logits}", "should be a torch tensor, but is a dict"),
        ("type('A', (), {'__eq__': lambda a, b: True, '__class__': float})()", "an object that is no plain data"),
    ],
)
def test_odd_answers_fail_in_words(grade: Any, answer: str, message: str) -> None:
    outcome = grade(TESTS, SOFTEN, f"import torch\ndef soften(logits, T): return {answer}")[0]
    assert outcome.status == TestStatus.FAILED
    assert message in outcome.message


@pytest.mark.parametrize(
    "answer",
    [
        "torch.nn.Parameter((logits / T).softmax(-1))",
        "(logits / T).softmax(-1).T.contiguous().T",
        "(logits / T).softmax(-1).as_subclass(type('Mine', (torch.Tensor,), {}))",
        "torch.set_default_dtype(torch.float64) or (logits / T).softmax(-1)",
        "logits.div_(T).softmax(-1)",
    ],
)
def test_right_numbers_in_an_odd_tensor_pass(grade: Any, answer: str) -> None:
    outcomes = grade(TESTS, SOFTEN, f"import torch\ndef soften(logits, T): return {answer}")
    assert [outcome.status for outcome in outcomes] == [TestStatus.PASSED] * 2


@pytest.mark.parametrize("size", ["30000, 30000", "8, 10**9"])
def test_a_huge_answer_is_refused_before_it_travels(grade: Any, size: str) -> None:
    outcome = grade(TESTS, SOFTEN, f"import torch\ndef soften(logits, T): return torch.zeros(()).expand({size})")[0]
    assert outcome.status == TestStatus.ERROR
    assert outcome.message == "What `soften` returns cannot be sent: it is too large or nested too deep."


def test_a_global_that_changes_between_calls_costs_the_calls_it_spoils(grade: Any) -> None:
    counting = """
calls = 0
def soften(logits, T):
    global calls
    calls += 1
    return (logits / T).softmax(-1) * calls
"""
    outcomes = grade(TESTS, SOFTEN, counting)
    assert [outcome.status for outcome in outcomes] == [TestStatus.PASSED, TestStatus.FAILED]
    assert outcomes[1].message == "The answer has the right shape, but its values differ."


def test_side_effects_of_a_constructor_do_not_reach_the_numbers(grade: Any) -> None:
    tests = """
@question("Net")
@pytest.mark.parametrize("width", [2, 3])
def test_net(student, reference, rng, width):
    \"\"\"A linear map without bias.\"\"\"
    net = student.Net(width)
    close(net.parameter_count(), width * width)
    state = {"map.weight": rng.normal(width, width)}
    net.load_state_dict(state)
    x = rng.normal(4, width)
    close(net(x), x @ state["map.weight"].T)
"""
    plain = """
import torch
class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        EFFECTS
        self.map = torch.nn.Linear(width, width, bias=False)
    def forward(self, x):
        return self.map(x)
"""
    effects = (
        "torch.manual_seed(0); torch.set_grad_enabled(False); torch.set_num_threads(1); "
        "import os, random; random.seed(1); os.environ['OMP_NUM_THREADS'] = '1'; "
        "torch.nn.modules.module.register_module_forward_hook(lambda *a: None); globals()['torch'] = torch"
    )
    outcomes = grade(tests, plain.replace("EFFECTS", "pass"), plain.replace("EFFECTS", effects))
    assert [(outcome.status, outcome.message) for outcome in outcomes] == [(TestStatus.PASSED, "")] * 2


def test_one_hang_is_one_timeout_and_two_end_the_question(suite_of: Any, session_of: Any) -> None:
    tests = TESTS.replace("[1.0, 3.0]", "[1.0, 2.0, 3.0, 4.0]")
    suite = suite_of(tests, SOFTEN)
    slow = (
        "import time\ndef soften(logits, T):\n    if T > 1: time.sleep(30)\n"
        + SOFTEN.replace("def soften", "").split("\n", 3)[3]
    )
    session = session_of(suite, "import torch\n" + slow)
    session.seconds = 1.0
    outcomes = suite.run(session)
    assert [outcome.status for outcome in outcomes] == [TestStatus.PASSED] + [TestStatus.TIMEOUT] * 3
    assert outcomes[3].message == "Two tests took too long."
    assert session.timeouts == ["soften", "soften"]


def test_a_broken_protocol_is_an_error_and_a_flag(suite_of: Any, session_of: Any) -> None:
    suite = suite_of(TESTS, SOFTEN)
    cell = """
import os, socket
def soften(logits, T):
    for fd in os.listdir("/proc/self/fd"):
        try:
            os.write(int(fd), b"\\xff" * 64) if "socket" in os.readlink(f"/proc/self/fd/{fd}") else None
        except OSError: pass
"""
    outcomes = suite.run(session_of(suite, cell))
    assert outcomes[0].status == TestStatus.ERROR
    assert "form that no function's result has" in outcomes[0].message
    assert len(suite.flags) == 2
    assert suite.flags[0].startswith("test_values[1.0]: broke the protocol")


def test_a_fault_of_the_sandbox_passes_through(suite_of: Any, session_of: Any) -> None:
    suite = suite_of(TESTS, SOFTEN)
    session = session_of(suite, SOFTEN)

    def fault() -> Any:
        raise SandboxFault("no more processes")

    session.fork = fault
    with pytest.raises(SandboxFault):
        suite.run(session)
    assert all(outcome.status == "passed" for outcome in suite.run(session_of(suite, SOFTEN)))


def test_inputs_differ_between_submissions_and_tests_and_not_between_regrades(suite_of: Any, session_of: Any) -> None:
    tests = '''
@question("a")
@pytest.mark.parametrize("i", [1, 2])
def test_a(student, rng, i):
    """A."""
    assert student.answer() == 2, float(rng.normal(1))
'''
    suite = suite_of(tests)
    cell = "def answer(): return 1"
    details = [[outcome.detail for outcome in suite.run(session_of(suite, cell, sha=sha))] for sha in ("a", "a", "b")]
    assert details[0] == details[1]
    assert len({*details[0], *details[2]}) == 4


def test_only_names_which_tests_run(suite_of: Any, session_of: Any) -> None:
    suite = suite_of(TESTS, SOFTEN)
    assert [o.name for o in suite.run(session_of(suite, SOFTEN), only={"test_values[3.0]"})] == ["test_values[3.0]"]


def test_every_submission_is_judged_alone(suite_of: Any, session_of: Any) -> None:
    suite = suite_of(TESTS, SOFTEN)
    for _ in range(2):
        assert [o.status for o in suite.run(session_of(suite, SOFTEN))] == ["passed"] * 2
        assert [o.status for o in suite.run(session_of(suite, "x = 1"))] == ["error"] * 2


def test_state_does_not_come_out_of_a_failed_test(grade: Any) -> None:
    tests = '''
@question("a")
@pytest.mark.parametrize("wanted", [7, 1])
def test_a(student, wanted):
    """A."""
    assert student.count() == wanted
'''
    assert [o.status for o in grade(tests, "", "n = 0\ndef count():\n    global n\n    n += 1\n    return n")] == [
        "failed",
        "passed",
    ]


def test_fixtures_of_authors_work_and_are_torn_down(suite_of: Any, session_of: Any) -> None:
    tests = '''
LOG = []

@pytest.fixture(scope="module")
def wide():
    LOG.append("wide")
    return 2

@pytest.fixture
def doubled(student, wide):
    LOG.append("up")
    yield student.double(wide)
    LOG.append("down")

@question("a")
def test_a(doubled):
    """A."""
    assert doubled == 4
'''
    suite = suite_of(tests)
    for _ in range(2):
        assert [o.status for o in suite.run(session_of(suite, "def double(x): return 2 * x"))] == ["passed"]
    log = suite._items[0].test.module.LOG
    assert log.count("up") == log.count("down") == 2


REFUSED = {
    "no docstring": ('@question("a")\ndef test_a(student): pass', "docstring"),
    "no question": ('def test_a(student):\n    """A."""', "needs exactly one @question"),
    "no tests": ("x = 1", "no tests"),
    "a syntax error": ("def (", "SyntaxError"),
    "an exception at import": ("raise ValueError('boom')", "boom"),
    "a circle": (
        '@question("a", builds_on=["b"])\ndef test_a():\n    """A."""\n'
        '@question("b", builds_on=["a"])\ndef test_b():\n    """B."""',
        "circle",
    ),
    "a wider fixture that touches the student": (
        '@pytest.fixture(scope="module")\ndef net(student): return student.Net()\n'
        '@question("a")\ndef test_a(net):\n    """A."""',
        "which lives for one test of one submission only",
    ),
    "a session fixture that draws": (
        '@pytest.fixture(scope="session")\ndef x(rng): return rng.normal(1)\n'
        '@question("a")\ndef test_a(x):\n    """A."""',
        "`rng`",
    ),
}


@pytest.mark.parametrize(("tests", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_suite_that_cannot_be_right_is_refused(write: Callable[[str], Path], tests: str, message: str) -> None:
    with pytest.raises(SuiteError, match=message.replace("(", r"\(")):
        collect_file(write(tests))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no such file"):
        collect_file(tmp_path / "hidden_tests.py")


def test_folders_above_the_tests_are_not_listed(write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hold many thousand files, and none of them says anything about the tests."""
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(Path(path)) or scandir(path))
    path = write('@question("a")\ndef test_a():\n    """A."""')
    collect_file(path).close()
    assert not {folder for folder in listed if folder in path.parent.parents}


def test_nothing_beside_the_tests_is_loaded(
    write: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n"
    (tmp_path / "conftest.py").write_text(bomb)
    (tmp_path / "evil.py").write_text(bomb)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p evil\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p evil")
    monkeypatch.setenv("PYTEST_PLUGINS", "evil")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    with collect_file(write('@question("a")\ndef test_a():\n    """A."""')) as suite:
        assert [test.name for test in suite.tests] == ["test_a"]
    assert not (tmp_path / "ran").exists()


def test_twelve_passing_tests_cost_no_fork(suite_of: Any, session_of: Any) -> None:
    tests = '''
@question("a")
@pytest.mark.parametrize("i", range(12))
def test_a(reference, rng, i):
    """A."""
    close(rng.normal(3), reference.same(rng.normal(3)), atol=100.0)
'''
    suite = suite_of(tests, "def same(x): return x")
    session = session_of(suite)
    assert [outcome.status for outcome in suite.run(session)] == ["passed"] * 12
    assert session.forks == 0


def test_an_answer_that_was_not_chosen_is_called_so(grade: Any) -> None:
    tests = '''
@question("quiz")
def test_quiz(student):
    """A quiz."""
    close(student.value("quiz"), "b")
'''
    outcome = grade(tests, "quiz = 'b'", "quiz = None")[0]
    assert outcome.status == TestStatus.FAILED
    assert outcome.message == "Not answered yet: it is still None."


def test_tests_share_a_fork_as_long_as_they_pass(suite_of: Any, session_of: Any) -> None:
    tests = '''
@question("quiz")
@pytest.mark.parametrize("i", range(4))
def test_quiz(student, i):
    """A quiz."""
    assert student.value("quiz") == "b"

@question("f")
@pytest.mark.parametrize("i", range(2))
def test_f(student, i):
    """F."""
    assert student.f() == 1
    assert student.value("quiz") == "c"

@question("z")
def test_z(student):
    """Z."""
    assert student.value("quiz") == "b"
'''
    suite = suite_of(tests)
    session = session_of(suite, "quiz = 'b'\ndef f():\n    global quiz\n    quiz = 'c'\n    return 1")
    assert [outcome.status for outcome in suite.run(session)] == ["passed"] * 7
    assert session.forks == 2  # f left another value, which no other question's tests may see
    assert session._child == 0


def test_a_question_after_one_that_left_nothing_shares_its_fork(suite_of: Any, session_of: Any) -> None:
    tests = "".join(
        f'''
@question("{name}")
@pytest.mark.parametrize("i", range(2))
def test_{name}(student, i):
    """{name}."""
    assert student.{name}() == 1
'''
        for name in ("f", "quiz", "z")
    )
    suite = suite_of(tests)
    session = session_of(suite, "def f():\n    return 1\nquiz = z = f")
    assert [outcome.status for outcome in suite.run(session)] == ["passed"] * 6
    assert session.forks == 1
    session = session_of(suite, "def f():\n    return 1\nquiz = z = f\nodd = (x for x in range(3))")  # who knows?
    assert [outcome.status for outcome in suite.run(session)] == ["passed"] * 6
    assert session.forks == 3


def test_tests_share_what_takes_long_to_build(suite_of: Any, session_of: Any) -> None:
    tests = '''
def network(student):
    return student.kept("network", lambda rng: student.Net())

@question("f")
@pytest.mark.parametrize("i", range(3))
def test_shared(student, i):
    """Shared."""
    net = network(student)
    net.made()  # answers to this test, whichever test made it
    assert student.value("count") == 1

@question("z")
def test_fails(student):
    """Fails."""
    network(student)
    assert False

@question("z")
def test_alone(student):
    """Alone."""
    assert network(student).made() > 0
    assert student.value("count") == 1
'''
    suite = suite_of(tests)
    cell = """
import torch
count = 0
class Net(torch.nn.Module):
    def __init__(self):
        global count
        count += 1
        super().__init__()
        self.layer = torch.nn.Linear(3, 4)
    def made(self):
        return float(self.layer.weight.abs().sum())
"""
    session = session_of(suite, cell)
    assert [outcome.status for outcome in suite.run(session)] == ["passed"] * 3 + ["failed", "passed"]
    assert session.forks == 3  # another question, where something was left; and after a failure


LAYOUTS = '''
@question("soften")
@pytest.mark.parametrize("layout", ["transposed", "gaps", "expanded", "channels last", "contiguous"])
def test_layouts(student, reference, rng, layout):
    """Any layout works."""
    x = rng.normal(2, 3, 4, 5)
    if layout == "transposed":
        x = x.transpose(1, 3)
    elif layout == "gaps":
        x = x[:, ::2]
    elif layout == "expanded":
        x = x[:1].expand(3, 3, 4, 5)
    elif layout == "channels last":
        x = x.contiguous(memory_format=torch.channels_last)
    with unchanged(x):
        close(student.soften(x, 2.0), reference.soften(x, 2.0))
'''
ONLY_CONTIGUOUS = """
import torch
def soften(logits, T):
    if not logits.is_contiguous():
        raise ValueError("contiguous, please")
    return (logits / T).softmax(-1)
"""


@pytest.mark.parametrize("code", [ONLY_CONTIGUOUS, SOFTEN.replace("(logits / T)", "(logits.view(-1) / T)")])
def test_code_that_holds_for_contiguous_arguments_only_fails_the_other_layouts(grade: Any, code: str) -> None:
    flat = "view" in code
    outcomes = {outcome.name: outcome.status for outcome in grade(LAYOUTS, SOFTEN, code)}
    assert {status for name, status in outcomes.items() if "[contiguous]" not in name} == {TestStatus.ERROR}
    assert outcomes["test_layouts[contiguous]"] == (TestStatus.FAILED if flat else TestStatus.PASSED)


def test_code_for_any_layout_passes_them_all(grade: Any) -> None:
    assert {outcome.status for outcome in grade(LAYOUTS, SOFTEN, SOFTEN)} == {TestStatus.PASSED}


FORBIDS = '''
@question("soften", forbids=True)
def test_unchanged(student, rng):
    """The logits stay as they are."""
    x = rng.normal(2, 3)
    with unchanged(x):
        student.soften(x, 2.0)
'''


def test_a_test_that_only_forbids_says_so_in_its_outcome(grade: Any) -> None:
    outcomes = {outcome.name: outcome for outcome in grade(TESTS + FORBIDS, SOFTEN, "def soften(x, T): return x")}
    assert outcomes["test_unchanged"].forbids
    assert outcomes["test_unchanged"].status == TestStatus.PASSED  # what happened; scoring decides what it earns
    assert not outcomes["test_values[1.0]"].forbids


def test_a_question_that_only_forbids_is_refused(write: Callable[[str], Path]) -> None:
    with pytest.raises(SuiteError, match="every test of `soften` is marked forbids=True"):
        collect_file(write(FORBIDS))
