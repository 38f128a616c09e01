"""What cells print and show: figures, progress bars, rich objects, floods."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.inside.shell.cells import Shell
from autograder.sandbox.inside.shell.outputs import Capture
from autograder.sandbox.inside.shell.streams import StreamText, collapse

Run = Callable[..., dict[str, Any]]


def text(reply: dict[str, Any], name: str = "stdout") -> str:
    return "".join(o["text"] for o in reply["outputs"] if o["output_type"] == "stream" and o["name"] == name)


def pictures(reply: dict[str, Any]) -> list[tuple[int, int]]:
    """Width and height of the PNG images."""
    found = [base64.b64decode(o["data"]["image/png"]) for o in reply["outputs"] if "image/png" in o.get("data", {})]
    assert all(data.startswith(b"\x89PNG") for data in found)
    return [struct.unpack(">II", data[16:24]) for data in found]


def test_a_progress_bar_leaves_its_last_state(run: Run) -> None:
    reply = run(
        "import sys\nfor i in range(2000):\n    print(f'\\r{i} %', end='', file=sys.stderr)\n"
        "    print(end='')\nprint('done')"
    )
    assert text(reply, "stderr") == "1999 %"
    assert text(reply) == "done\n"


def test_tqdm_works_where_it_is_missing(run: Run) -> None:
    reply = run(
        "from tqdm.auto import tqdm, trange\nfrom tqdm.notebook import tqdm as nb\n"
        "bar = tqdm([1, 2, 3], desc='x')\nfor i in bar: bar.set_postfix(loss=i)\n"
        "with nb(total=3) as p: p.update(1)\nsum(trange(4)), len(bar)"
    )
    assert reply["status"] == "ok"
    assert reply["outputs"][-1]["data"]["text/plain"] == "(6, 3)"


def test_a_flood_keeps_its_head_and_tail(run: Run) -> None:
    reply = run("print('first')\nfor i in range(200_000): print('x' * 50)\nprint('last')")
    shown = text(reply)
    assert len(shown) < 600_000
    assert shown.startswith("first\n")
    assert shown.endswith("last\n")
    assert "left out" in shown
    assert text(run("print('later')")) == "later\n"


def test_the_whole_notebook_has_one_limit(run: Run) -> None:
    total = 0
    for index in range(60):
        reply = run("print('y' * 500_000)", index)
        assert reply["status"] == "ok"
        total += sum(len(o["text"]) for o in reply["outputs"])
    assert total < (1 << 20) + 60 * 100


def test_a_huge_repr_is_cut(run: Run) -> None:
    reply = run("'z' * 3_000_000")
    shown = reply["outputs"][0]["data"]["text/plain"]
    assert len(shown) < 21_000
    assert "left out" in shown


def test_many_displays_are_bounded(run: Run) -> None:
    reply = run("for i in range(3000): display(i)")
    assert len(reply["outputs"]) <= 102
    assert "left out" in text(reply, "stderr")


def test_show_keeps_the_order_and_closes(run: Run) -> None:
    reply = run(
        "import matplotlib.pyplot as plt\nprint('a')\nplt.plot([1, 2])\nplt.show()\n"
        "print('b')\nplt.plot([2])\nlen(plt.get_fignums())"
    )
    kinds = [o["output_type"] for o in reply["outputs"]]
    assert kinds == ["stream", "display_data", "stream", "execute_result", "display_data"]
    assert len(pictures(reply)) == 2
    assert run("plt.get_fignums()")["outputs"][0]["data"]["text/plain"] == "[]"


def test_a_figure_as_the_last_value_is_shown_once(run: Run) -> None:
    assert len(pictures(run("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nfig"))) == 1


@pytest.mark.parametrize("size", ["(2000, 2000)", "(0.5, 900)", "(3, 2)"])
def test_a_figure_is_bounded_in_pixels(run: Run, size: str) -> None:
    reply = run(f"import matplotlib.pyplot as plt\nplt.figure(figsize={size})\nplt.plot([1, 2])\nplt.show()")
    assert reply["status"] == "ok"
    assert pictures(reply) or "could not be drawn" in text(reply, "stderr")
    for width, height in pictures(reply):
        assert width <= 4500
        assert height <= 4500


def test_text_far_outside_the_figure(run: Run) -> None:
    reply = run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.text(10_000, 10_000, 'lost')\nplt.show()")
    assert pictures(reply)[0][0] < 2000


def test_noise_loses_resolution_before_it_is_left_out() -> None:
    shell = Shell(400_000)
    source = (
        "import matplotlib.pyplot as plt, numpy as np\nplt.figure(figsize=(9, 9))\n"
        "plt.imshow(np.random.rand(900, 900, 3))\nplt.show()"
    )
    reply = shell.run_cell(source, 0, 20.0)
    shell.close()
    assert sum(len(json.dumps(o)) for o in reply["outputs"]) < 400_000


def test_a_figure_that_cannot_be_drawn_is_no_error(run: Run) -> None:
    reply = run("import matplotlib.pyplot as plt\nplt.title('$\\\\frac{1}{$')\nx = 1")
    assert reply["status"] == "ok"
    assert "could not be drawn" in text(reply, "stderr")


def test_rich_display_and_clear_output(run: Run) -> None:
    reply = run(
        "from IPython.display import HTML, display, clear_output\nprint('gone')\nclear_output()\n"
        "h = display(1, display_id='a')\ndisplay(HTML('<b>x</b>'))\nh.update(2) if h else None\nNone"
    )
    data = [o["data"] for o in reply["outputs"]]
    assert data[0]["text/plain"] == "2"
    assert data[1]["text/html"] == "<b>x</b>"
    assert text(reply) == ""


def test_widgets_show_their_text(run: Run) -> None:
    pytest.importorskip("ipywidgets")
    reply = run("import ipywidgets as w\ndisplay(w.IntSlider(value=3))\nw.interact(lambda a: a + 1, a=3);")
    assert reply["status"] == "ok"
    assert all(set(o["data"]) == {"text/plain"} for o in reply["outputs"] if "data" in o)


def test_printing_between_cells_is_dropped(run: Run, shell: Shell) -> None:
    run(
        "import sys, threading\nout, go = sys.stdout, threading.Event()\n"
        "def late():\n    go.wait(); print('late', file=out)\n"
        "t = threading.Thread(target=late, daemon=True); t.start()"
    )
    shell.namespace["go"].set()
    shell.namespace["t"].join(60)
    assert text(run("print(t.is_alive())")) == "False\n"


@given(st.text(alphabet="ab\r\n\b", max_size=40))
def test_collapse_leaves_no_overwritten_text(raw: str) -> None:
    shown = collapse(raw + "\n")
    assert "\b" not in shown
    assert all("\r" not in line for line in shown.split("\n"))
    assert shown.count("\n") == (raw + "\n").count("\n")
    assert collapse(shown) == shown


@given(st.lists(st.text(max_size=30), max_size=60), st.integers(128, 400))
def test_a_stream_is_bounded_and_exact_while_short(parts: list[str], limit: int) -> None:
    stream = StreamText("stdout", limit)
    for part in parts:
        stream.write(part)
    whole = collapse("".join(parts))
    if len(whole) <= limit and "\r" not in "".join(parts) and "\b" not in "".join(parts):
        assert stream.text() == whole
    assert len(stream.text()) <= limit + 100


_KINDS = st.sampled_from(["text/plain", "text/html", "image/png", "application/x", "a"])
_VALUES = st.one_of(st.none(), st.integers(), st.text(), st.binary(max_size=50), st.lists(st.text()))


@given(st.dictionaries(_KINDS, _VALUES))
def test_any_bundle_becomes_json(data: dict[str, Any]) -> None:
    capture = Capture(10_000)
    capture.begin()
    capture.display(data)
    capture.write("stdout", "x")
    json.dumps(capture.end(), ensure_ascii=False).encode()


def test_linear_time_for_a_million_carriage_returns() -> None:
    """In quadratic time it would take days; the time limit of every test is enough to tell."""
    assert collapse("a\r" * 1_000_000 + "b") == "b"
    assert collapse("a" * 2_000_000) == "a" * 2_000_000
