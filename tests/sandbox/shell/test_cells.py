"""Cells as students write them, run one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.inside.shell.cells import REPEAT_SECONDS, Shell

Run = Callable[..., dict[str, Any]]


def text(reply: dict[str, Any], name: str = "stdout") -> str:
    return "".join(o["text"] for o in reply["outputs"] if o["output_type"] == "stream" and o["name"] == name)


def values(reply: dict[str, Any]) -> list[str]:
    return [o["data"].get("text/plain", "") for o in reply["outputs"] if "data" in o]


def test_names_and_the_last_value(run: Run, shell: Shell) -> None:
    assert run("def double(x):\n    return 2 * x")["outputs"] == []
    reply = run("double(21)", 1)
    assert (reply["status"], reply["error"], values(reply)) == ("ok", None, ["42"])
    assert shell.namespace["double"](4) == 8
    assert values(run("double(1);")) == []
    assert values(run("_ + 1")) == ["43"]


def test_an_error_names_the_students_lines(run: Run) -> None:
    run("def inverse(x):\n    y = 1 / x\n    return y", 3)
    reply = run("a = 1\n\ninverse(0)", 5)
    assert reply["status"] == "error"
    assert reply["error"] == {
        "type": "ZeroDivisionError",
        "message": "division by zero",
        "lines": [[5, 3, "inverse(0)"], [3, 2, "    y = 1 / x"]],
        "where": "student",
    }
    last = reply["outputs"][-1]
    assert (last["output_type"], last["ename"]) == ("error", "ZeroDivisionError")
    assert not any("cells.py" in line or "execution.py" in line for line in last["traceback"])


@pytest.mark.parametrize(
    ("source", "line"),
    [("x = (1 +\n", 1), ("a = 1\n\nfor in range(3): pass", 3), ("\n\n!ls\nb = = 3", 4), ("%%time\nx = 1\ny = = 2", 3)],
)
def test_a_syntax_error_names_its_line(run: Run, source: str, line: int) -> None:
    reply = run(source, 7)
    assert reply["error"]["type"] == "SyntaxError"
    assert reply["error"]["lines"][-1][:2] == [7, line]
    assert reply["error"]["lines"][-1][2] == source.split("\n")[line - 1]
    assert run("1 + 1")["status"] == "ok"


def test_the_soft_limit_ends_a_loop(run: Run) -> None:
    reply = run("x = 0\nwhile True:\n    try:\n        x += 1\n    except Exception:\n        pass", 2, 1.0)
    assert reply["status"] == "timeout"
    assert reply["error"]["lines"][0][0] == 2
    assert run("x > 0")["outputs"][0]["data"]["text/plain"] == "True"


def test_the_soft_limit_strikes_again_where_it_was_swallowed(run: Run) -> None:
    """The cell strikes itself, so that it is struck in its `try` however slow the machine is; the timer is asked."""
    source = (
        "import signal\n"
        "_, again = signal.getitimer(signal.ITIMER_REAL)\n"
        "n = 0\n"
        "while n < 2:\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGALRM)\n"
        "    except BaseException as strike:\n"
        "        n += type(strike).__name__ == 'CellTimeout'\n"
        "raise KeyError('end')"
    )
    reply = run(source, 0, 600.0)
    assert reply["status"] == "error"
    assert reply["error"]["type"] == "KeyError"
    assert values(run("again, n")) == [f"({REPEAT_SECONDS}, 2)"]


def test_no_limit_is_left_behind(run: Run) -> None:
    import signal

    before = signal.getsignal(signal.SIGALRM)
    run("1", 0, 0.5)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == before


@pytest.mark.parametrize("source", ["exit()", "quit()", "import sys; sys.exit()", "raise SystemExit(0)"])
def test_leaving_ends_the_cell_only(run: Run, source: str) -> None:
    reply = run(f"a = 5\n{source}\na = 6")
    assert reply["status"] == "ok"
    assert "ended this cell" in text(reply, "stderr")
    assert values(run("a")) == ["5"]


def test_leaving_with_a_message_is_an_error(run: Run) -> None:
    assert run("import sys; sys.exit('no data')")["error"]["message"] == "no data"


@pytest.mark.parametrize(
    "source", ["input('Your name? ')", "import sys; sys.stdin.readline()", "import sys\nnext(sys.stdin)"]
)
def test_nobody_answers(run: Run, source: str) -> None:
    reply = run(source)
    assert reply["error"]["type"] == "EOFError"
    assert reply["error"]["message"] == "input() cannot be answered while grading"


def test_warnings_and_stderr_are_no_errors() -> None:
    """In a process of its own, because pytest takes warnings and logging for itself."""
    program = (
        "import json; from autograder.sandbox.inside.shell.cells import REPEAT_SECONDS, Shell; source = "
        + repr(
            "import sys, warnings, logging as l\nwarnings.warn('care')\nl.warning('hot')\nprint('x', file=sys.stderr)"
        )
        + "; print(json.dumps(Shell(10_000).run_cell(source, 0, 5.0)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    reply = json.loads(done.stdout)
    assert (reply["status"], done.stderr) == ("ok", "")
    assert all(part in text(reply, "stderr") for part in ("care", "hot", "x\n", "<cell 0>:2"))


def test_top_level_await(run: Run) -> None:
    reply = run("import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 3\nawait f()")
    assert values(reply) == ["3"]
    assert values(run("await asyncio.gather(f(), f())")) == ["[3, 3]"]
    assert run("asyncio.run(f())")["status"] == "ok"


def test_future_imports_hold_for_later_cells(run: Run) -> None:
    run("from __future__ import annotations")
    assert values(run("def f(x: undefined): pass\nf.__annotations__")) == ["{'x': 'undefined'}"]


def test_deep_recursion_keeps_a_few_lines(run: Run) -> None:
    reply = run("def f(n):\n    return f(n + 1)\nf(0)")
    assert reply["error"]["type"] == "RecursionError"
    assert len(reply["error"]["lines"]) == 20
    assert reply["error"]["lines"][0] == [0, 3, "f(0)"]


@pytest.mark.parametrize(
    "body",
    [
        "def __repr__(self): raise ValueError('no repr')",
        "def __repr__(self): return 5",
        "def _repr_html_(self): raise SystemError('no html')",
        "def __repr__(self): raise KeyboardInterrupt",
    ],
)
def test_a_broken_repr_stays_in_its_cell(run: Run, body: str) -> None:
    reply = run(f"class A:\n    {body}\nA()")
    assert reply["status"] in ("ok", "error")
    assert values(run("1 + 1")) == ["2"]


def test_an_endless_repr_meets_the_limit(run: Run) -> None:
    reply = run("class A:\n    def __repr__(self):\n        while True: pass\nA()", 0, 0.3)
    assert reply["status"] == "timeout"


def test_a_broken_exception_message(run: Run) -> None:
    reply = run("class E(Exception):\n    def __str__(self): raise KeyError('x')\nraise E")
    assert reply["error"]["type"] == "E"
    assert "__str__ raised KeyError" in reply["error"]["message"]
    reply = run("class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E", 0, 0.3)
    assert reply["status"] == "timeout"


def test_text_that_is_not_unicode(run: Run) -> None:
    reply = run(r"print('\ud800'); raise ValueError('\udfff')")
    json.dumps(reply, ensure_ascii=False).encode()
    assert r"\ud800" in text(reply)


@pytest.mark.parametrize(
    "source", ["\0", "x = 1\0", "\ud800", "(" * 1000, "'a", "if x:\n\ty\n        z", "-" * 20_000 + "1"]
)
def test_source_that_is_not_python(run: Run, source: str) -> None:
    assert run(source)["status"] == "error"
    assert run("1")["status"] == "ok"


@pytest.mark.parametrize(
    "damage",
    [
        "get_ipython().showtraceback = None",
        "get_ipython().run_cell = get_ipython().transform_cell = None",
        "def bad(lines): raise ValueError\nget_ipython().input_transformers_cleanup.append(bad)\n"
        "get_ipython().input_transformers_post.append(bad)",
        "get_ipython().display_formatter = None",
        "get_ipython().events.register('pre_run_cell', lambda *a: 1 / 0)",
        "import sys\nsys.stdout = None\nsys.stderr = 5\nsys.displayhook = None\nsys.stdin = None",
        "import sys\nsys.stdout.close(); sys.stderr.close()",
        "import sys\nsys.settrace(lambda *a: 1 / 0)\nsys.setprofile(lambda *a: None)",
        "import traceback, linecache\ntraceback.format_exc = linecache.getline = None",
        "import time\ntime.perf_counter = time.monotonic = lambda: 1 / 0",
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)",
        "del get_ipython, exit, quit, In, Out, _dh",
        "import sys\nsys.setrecursionlimit(60)",
    ],
)
def test_patched_machinery_does_not_break_the_loop(damage: str, tmp_path: Path) -> None:
    """In a fork, as in grading: what is patched there must not reach this test process."""
    shell = Shell(1 << 20)
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        shell.run_cell(damage, 0, 5.0)
        reply = shell.run_cell("print('alive')\nz = 4", 1, 5.0)
        shell.run_cell("1 / 0", 2, 5.0)
        os.write(send, json.dumps([reply["status"], reply["outputs"]]).encode())
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as stream:
        answer = stream.read()
    assert os.waitpid(child, 0)[1] == 0
    shell.close()
    assert json.loads(answer) == ["ok", [{"output_type": "stream", "name": "stdout", "text": "alive\n"}]]


def test_making_a_shell_writes_no_file_and_starts_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    before = threading.active_count()
    shell = Shell(1000)
    shell.run_cell("x = 1", 0, 1.0)
    shell.close()
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == before


def test_a_trivial_cell_costs_few_calls(run: Run) -> None:
    """Some fifty of Python's, which take less than a millisecond."""
    run("x = 1")
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        run("x = 1")
    finally:
        sys.setprofile(None)
    assert 0 < calls < 200


def test_what_stood_in_for_a_module_goes_with_the_shell(tmp_path: Path) -> None:
    before = sys.modules.pop("otter", None)
    try:
        shell = Shell(1000)
        reply = shell.run_cell("import otter\nassert otter is __import__('sys').modules['otter']", 0, 5.0)
        shell.close()
        assert reply["status"] == "ok"
        assert "otter" not in sys.modules
    finally:
        if before is not None:
            sys.modules["otter"] = before


def test_main_is_the_notebook(run: Run) -> None:
    reply = run(
        "import __main__, pickle\nclass A: pass\npickle.loads(pickle.dumps(A())).__class__ is __main__.A, __name__"
    )
    assert values(reply) == ["(True, '__main__')"]


def test_source_of_functions_can_be_inspected(run: Run) -> None:
    run("def f():\n    return 1", 4)
    assert values(run("import inspect, linecache\nlinecache.checkcache()\ninspect.getsource(f)")) == [
        repr("def f():\n    return 1")
    ]


def test_descriptor_output_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "descriptors"
    shell = Shell(1 << 16, str(path))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        first = shell.run_cell(f"import os\nn = os.write({descriptor}, b'from C')", 0, 5.0)
        second = shell.run_cell(f"n = os.write({descriptor}, b'x' * 100_000)", 1, 5.0)
        third = shell.run_cell("1", 2, 5.0)
    finally:
        os.close(descriptor)
        shell.close()
    assert text(first) == "from C"
    assert "left out" in text(second)
    assert len(text(second)) < 40_000
    assert text(third) == ""


def test_streams_are_given_back(run: Run) -> None:
    before = (sys.stdin, sys.stdout, sys.stderr, sys.displayhook)
    run("import sys\nsys.stdout = None\n1 / 0")
    assert (sys.stdin, sys.stdout, sys.stderr, sys.displayhook) == before
