"""IPython's notation, shell lines and Colab, as notebooks from real life use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograder.sandbox.inside.shell.cells import Shell
from autograder.sandbox.inside.shell.commands import installer_note, run_command

Run = Callable[..., dict[str, Any]]


def text(reply: dict[str, Any], name: str = "stdout") -> str:
    return "".join(o["text"] for o in reply["outputs"] if o["output_type"] == "stream" and o["name"] == name)


def values(reply: dict[str, Any]) -> list[str]:
    return [o["data"].get("text/plain", "") for o in reply["outputs"] if "data" in o]


COLAB = """\
# @title Setup { display-mode: "form" }
%matplotlib inline
%config InlineBackend.figure_format = 'retina'
%load_ext autoreload
%autoreload 2
%load_ext tensorboard
!pip install -q torchinfo
%pip install einops
!nvidia-smi
from google.colab import drive, files, userdata, output
from google.colab.patches import cv2_imshow
import google.colab
drive.mount('/content/drive', force_remount=True)
uploaded = files.upload()
files.download('x.pt')
ready = 1  # @param {type: "integer"}
"""


def test_a_colab_setup_cell(run: Run) -> None:
    reply = run(COLAB)
    assert (reply["status"], reply["error"]) == ("ok", None)
    assert "packages cannot be installed while grading" in text(reply)
    assert "Google Drive is not mounted" in text(reply)
    assert values(run("uploaded, ready, google.colab.drive is drive")) == ["({}, 1, True)"]


def test_stand_ins_give_way_to_what_is_installed(run: Run) -> None:
    reply = run("import json, tqdm, nest_asyncio\nnest_asyncio.apply()\nimport google.nothing_like_it")
    assert reply["error"]["type"] == "ModuleNotFoundError"


def test_unknown_magics_are_noted(run: Run) -> None:
    reply = run("%nothing_like_it 3\nx = 2")
    assert reply["status"] == "ok"
    assert "%nothing_like_it" in text(reply, "stderr")
    assert values(run("x")) == ["2"]
    reply = run("%%nothing_like_it\nthis is not Python")
    assert reply["status"] == "ok"
    assert "%%nothing_like_it" in text(reply, "stderr")


def test_time_keeps_names_values_and_line_numbers(run: Run) -> None:
    reply = run("\n\n%%time\na = 1\na + 1")
    assert values(reply) == ["2"]
    assert "Wall time" in text(reply)
    reply = run("%%time\nb = 2\n1 / 0", 3)
    assert reply["error"]["lines"][-1] == [3, 3, "1 / 0"]
    assert values(run("%time a + b")) == ["3"]
    run("%time c = 7")
    assert values(run("c")) == ["7"]


def test_timeit_is_cheap_and_leaves_no_names(run: Run, shell: Shell) -> None:
    run("calls = []")
    assert "per loop" in text(run("%timeit -n 1000000 -r 70 calls.append(sum(range(1000)))"))
    assert 0 < len(shell.namespace["calls"]) < 7_000_000
    assert run("%%timeit k = 3\nlocal = k + 1")["status"] == "ok"
    assert run("local")["error"]["type"] == "NameError"


def test_capture(run: Run) -> None:
    assert run("%%capture taken\nprint('inside')\n3")["outputs"] == []
    assert values(run("taken.stdout")) == [repr("inside\n")]


def test_a_profiler_runs_its_body(run: Run) -> None:
    run("%%prun\nmeasured = 5")
    assert values(run("measured")) == ["5"]


def test_cd_env_who_writefile(run: Run) -> None:
    reply = run("%env COURSE=dl\n%mkdir -p sub\n%cd sub\n%pwd")
    assert reply["status"] == "ok"
    assert values(reply)[-1].endswith("/sub'")
    run("%%writefile helper.py\nvalue = 8")
    assert values(run("from helper import value\nvalue")) == ["8"]
    assert "value" in text(run("%who"))


def test_help_is_no_error(run: Run) -> None:
    assert run("import math\nmath.sqrt?")["status"] == "ok"
    assert run("?len")["status"] == "ok"


def test_shell_lines(run: Run) -> None:
    assert text(run("n = 3\n!echo hello {n} $n")) == "hello 3 3\n"
    assert run("!exit 4")["status"] == "ok"
    assert values(run("_exit_code")) == ["4"]
    assert values(run("lines = !printf 'a\\nb\\n'\nlist(lines)")) == ["['a', 'b']"]
    assert "not found" in text(run("!no_such_program"))
    assert text(run("%%bash\nx=5\necho $x")) == "5\n"
    assert text(run("!cat")) == ""


def test_a_command_that_hangs_is_stopped() -> None:
    output, status = run_command("echo begun; sleep infinity", seconds=2)
    assert output.startswith("begun\n")
    assert "stopped after" in output
    assert status == -9


def test_a_command_is_bounded_in_output() -> None:
    output, _ = run_command("yes", seconds=2, limit=1000)
    assert len(output) < 1200
    assert "left out" in output


def test_a_background_child_does_not_keep_us() -> None:
    output, status = run_command("sleep infinity & echo x", seconds=100)
    assert (output, status) == ("x\n", 0), "it would be stopped after the limit"


def test_the_cells_limit_reaches_a_command(run: Run) -> None:
    assert run("!sleep infinity", 0, 0.4)["status"] == "timeout"


@pytest.mark.parametrize(
    "command",
    [
        "pip install torch",
        "pip3 install -q x",
        "python -m pip install x",
        "conda install -y x",
        "sudo apt-get -qq install y",
        "uv pip install z",
        "apt update",
    ],
)
def test_installers_are_not_run(command: str) -> None:
    assert installer_note(command)


@pytest.mark.parametrize("command", ["pip list", "pip freeze", "ls", "echo pip install", "python install.py"])
def test_other_commands_are(command: str) -> None:
    assert installer_note(command) is None


def test_otters_client_is_stood_in_for_though_it_is_installed(run: Run) -> None:
    """The real one checks nothing here, takes seconds to import, and leaves a thread that no fork survives."""
    source = "import sys\nknown = set(sys.modules)\nimport otter\ngrader = otter.Notebook('hw.ipynb')\n"
    source += "grader.check('q1')\ngrader.export(run_tests=True)\n"
    reply = run(source + "type(otter.__loader__).__name__, sorted(set(sys.modules) - known)")
    assert reply["status"] == "ok", reply
    assert values(reply) == ["('StandIns', ['otter'])"]
