"""Settings that hold for a whole process go back to their defaults, those of provided code stay."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator

import pytest

CHANGES = {
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "gradients": "torch.set_grad_enabled(False)",
    "inference mode": "left = torch.inference_mode(); left.__enter__()",
    "default device": "torch.set_default_device('meta')",
    "default device, as a context": "torch.device('meta').__enter__()",
    "precision of products": "torch.set_float32_matmul_precision('medium')",
    "deterministic algorithms": "torch.use_deterministic_algorithms(True, warn_only=True)",
    "number of threads": "torch.set_num_threads(torch.get_num_threads() + 1)",
    "anomaly detection": "torch.autograd.set_detect_anomaly(True)",
    "autocast": "torch.set_autocast_enabled('cpu', True)",
    "hooks of saved tensors": "torch.autograd.graph.save_on_cpu().__enter__()",
    "hooks of saved tensors, refused": "off = torch.autograd.graph.disable_saved_tensors_hooks('no'); off.__enter__()",
    "options of pandas": "pandas.set_option('mode.chained_assignment', 'raise'); pandas.options.display.max_rows = 3",
    "how matplotlib draws": "matplotlib.rcParams['figure.dpi'] = 7; matplotlib.style.use('ggplot')",
    "settings of scikit-learn": "sklearn.set_config(transform_output='pandas')",
    "oneDNN": "torch.backends.mkldnn.set_flags(False)",
    "how torch prints": "torch.set_printoptions(precision=1)",
    "hooks of all modules": "torch.nn.modules.module.register_module_forward_hook(lambda *given: None)",
    "repeated warnings": "torch.set_warn_always(True)",
    "warnings": "warnings.simplefilter('error')",
    "how warnings are shown": "warnings.showwarning = print",
    "NumPy's errors": "numpy.seterr(all='raise')",
    "NumPy's error call": "numpy.seterrcall(print)",
    "how NumPy prints": "numpy.set_printoptions(precision=1)",
    "recursion limit": "sys.setrecursionlimit(123456)",
    "import path": "sys.path.insert(0, '/tmp')",
    "environment": "os.environ['OMP_NUM_THREADS'] = '8'; os.environ.pop('PATH')",
    "working directory": "os.chdir('/')",
    "garbage collection": "import gc; gc.disable()",
    "decimal context": "import decimal; decimal.getcontext().prec = 2",
    "handlers of signals": "import signal; signal.signal(signal.SIGCHLD, print)",
    "handlers of signals, with a timer": "signal.setitimer(signal.ITIMER_PROF, 9)",
    "built-in functions": "import builtins; builtins.sum = max",
}
SCRIPT = """
import os, sys, warnings
import matplotlib.style, numpy, pandas, sklearn, torch
from autograder.sandbox.inside.shell.library_state import LibraryState

state = LibraryState()
assert state.restore() == [], "nothing has happened"
for name, change in {changes!r}.items():
    exec(change)
    assert not state.is_default(), name
    assert name.partition(",")[0] in state.restore(), name
    assert state.is_default(), name
assert torch.ones(1, requires_grad=True).mul(2).requires_grad and torch.ones(1).dtype == torch.float32
assert torch.ones(1).device.type == "cpu" and sum([1, 2]) == 3
"""


# Importing torch takes two seconds of processor time, so it is imported once, and each script runs in a fork.
PREPARED = """
import json, os, sys, tempfile, traceback
import numpy, torch

for line in sys.stdin:
    with tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            os.dup2(errors.fileno(), 2)
            status = 1
            try:
                exec(json.loads(line), {"__name__": "__main__"})
                status = 0
            except BaseException:
                traceback.print_exc()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        errors.seek(0)
        print(json.dumps([status, errors.read().decode()]), flush=True)
"""


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[str], None]]:
    """Run a script where NumPy and torch are imported and nothing else has happened."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", PREPARED], stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdin
        assert server.stdout

        def run(script: str) -> None:
            print(json.dumps(textwrap.dedent(script)), file=server.stdin, flush=True)
            status, errors = json.loads(server.stdout.readline())
            assert status == 0, errors[-2000:]

        yield run
        server.stdin.close()


def run_alone(script: str) -> None:
    """Run a script where nothing is imported."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_setting_is_put_back(run) -> None:
    run(SCRIPT.format(changes=CHANGES))


def test_what_provided_code_sets_is_the_default_from_then_on(run) -> None:
    run(
        """
        import torch
        from autograder.sandbox.inside.shell.library_state import LibraryState

        state = LibraryState()
        before = state.read()
        torch.set_default_dtype(torch.float64)
        state.accept(before)
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float16)
        assert state.restore() == ["default dtype", "gradients"]
        assert torch.get_default_dtype() == torch.float64
        """
    )


@pytest.mark.parametrize(
    "patch", ["torch.get_default_dtype = None", "numpy.geterr = None", "sys.getrecursionlimit = 0"]
)
def test_a_patched_library_breaks_nothing(run, patch) -> None:
    run(
        f"""
        import sys
        import numpy, torch
        from autograder.sandbox.inside.shell.library_state import LibraryState

        state = LibraryState()
        {patch}
        torch.set_grad_enabled(False)
        assert "gradients" in state.restore()
        """
    )


def test_what_a_library_brings_that_provided_code_imports_is_the_default() -> None:
    run_alone(
        """
        import sys
        from autograder.sandbox.inside.shell.library_state import LibraryState

        state = LibraryState()
        before = state.read()
        import numpy
        state.add("numpy")
        numpy.seterr(all="raise")
        state.accept(before)
        numpy.seterr(all="warn")
        assert state.restore() == ["NumPy's errors"]
        assert numpy.geterr()["over"] == "raise"
        """
    )


def test_torch_here_compiles_nothing_and_has_no_gpu(run) -> None:
    run(
        """
        import torch
        from autograder.sandbox.inside.shell import torch_here

        torch_here.adapt()

        @torch.compile
        def twice(x):
            return 2 * x

        @torch.compile(mode="max-autotune", fullgraph=True)
        def thrice(x):
            return 3 * x

        net = torch.nn.Linear(2, 2)
        assert torch.compile(net) is net
        net.compile()
        assert net.cuda() is net and torch.ones(2).cuda(0, non_blocking=True).device.type == "cpu"
        torch.cuda.synchronize()
        assert twice(2) == 4 and thrice(2) == 6 and "torch._dynamo" not in __import__("sys").modules
        torch.set_float32_matmul_precision("medium")
        assert torch.get_float32_matmul_precision() == "medium"
        assert torch.backends.mkldnn.matmul.fp32_precision != "bf16"
        try:
            torch.set_float32_matmul_precision("odd")
        except RuntimeError:
            pass
        else:
            raise AssertionError("a wrong word is refused, as by torch")
        """
    )


def test_no_setting_changes_the_precision_of_products(run) -> None:
    """On processors that have bfloat16 these settings change the numbers."""
    run(
        """
        import torch

        real = torch._C._get_fp32_precision_getter
        places = [(b, o) for b in ("generic", "mkldnn") for o in ("all", "matmul", "conv", "rnn") if (b, o) not in
                  (("generic", "matmul"), ("generic", "conv"), ("generic", "rnn"))]
        before = [real(*place) for place in places], torch._C._get_onednn_allow_tf32()
        precision = torch._C._get_float32_matmul_precision
        from autograder.sandbox.inside.shell import torch_here

        torch_here.adapt()
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"
        torch.backends.mkldnn.conv.fp32_precision = "bf16"
        torch.backends.mkldnn.fp32_precision = "tf32"
        torch.backends.fp32_precision = "tf32"
        torch.backends.mkldnn.allow_tf32 = True
        with torch.backends.mkldnn.flags(enabled=True, allow_tf32=True, fp32_precision="bf16"):
            torch._C._set_float32_matmul_precision("medium")
            assert ([real(*place) for place in places], torch._C._get_onednn_allow_tf32()) == before
        assert precision() == "highest"
        assert torch.backends.mkldnn.matmul.fp32_precision == "bf16", "as asked for"
        try:
            torch.backends.mkldnn.matmul.fp32_precision = "odd"
        except Exception:
            pass
        else:
            raise AssertionError("a wrong word is refused, as by torch")
        """
    )


def test_a_gpu_that_is_not_there_changes_no_default(run) -> None:
    run(
        """
        import torch
        from autograder.sandbox.inside.shell import torch_here

        torch_here.adapt()
        torch.set_default_device("cuda:0")
        torch.cuda.set_device(0)
        assert torch.ones(1).pin_memory().device.type == "cpu"
        torch.set_default_device("meta")
        assert torch.ones(1).device.type == "meta"
        """
    )


def test_torch_keeps_its_tables_of_functions(run) -> None:
    """Whoever asks for deterministic algorithms has torch look up all of its functions, each under one name."""
    run(
        """
        import torch
        from autograder.sandbox.inside.shell import torch_here

        torch_here.adapt()
        torch.use_deterministic_algorithms(True)
        torch.optim.SGD([torch.ones(1, requires_grad=True)], 0.1).step()
        import torch._dynamo.trace_rules as rules

        assert rules.get_torch_obj_rule_map()
        """
    )
