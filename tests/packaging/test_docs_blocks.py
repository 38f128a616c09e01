"""Every code block of the documentation is run, or read by what reads such a file. A new block belongs here, too."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from click.testing import CliRunner
from safetensors.torch import save

from autograder.cli import main
from autograder.course.adjustments import load_adjustments
from autograder.course.bank import read_variant
from autograder.course.course import load_course
from autograder.course.new import new_course
from autograder.course.roster import load_roster
from autograder.course.viva import read_viva, viva_path
from autograder.suite.course_imports import importing_from
from autograder.suite.suite import collect_file
from autograder.testing.inputs import read_declared
from autograder.validation.equivalents import read_equivalents
from autograder.validation.noops import read_excused
from autograder.workers.hosts import read_machines
from tests.packaging.docs_blocks import ROOT, Block, blocks
from tests.testing.conftest import HEAD, Session, namespace

BLOCKS = list(blocks())


def found(page: str, first: str) -> Block:
    [block] = [block for block in BLOCKS if block.key == (page, first)]
    return block


# -- hidden tests: run over a solution that the page has in mind ---------------------------------

SOFTEN = "import torch\ndef soften(logits, T):\n    return torch.softmax(logits / T, dim=1)\n"
DISTILL = """
import torch
from torch.nn import functional as F
def kl_distillation(student_logits, teacher_logits, T):
    first, second = F.log_softmax(student_logits / T, dim=1), F.softmax(teacher_logits / T, dim=1)
    return F.kl_div(first, second, reduction="batchmean") * T * T
def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    soft = kl_distillation(student_logits, teacher_logits, T)
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
"""
BY_CITY = """
def by_city(sales):
    return sales.groupby("city")["revenue"].sum().sort_values(ascending=False)
"""
MOBILENET = """
import torch
from torch import nn
class MobileNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.out = nn.Linear(3, classes)
    def forward(self, images):
        return self.out(images.mean((2, 3)))
"""
IMAGES = """
def drawn_test_images(rng):
    labels = rng.labels(120, 3)
    images = torch.full((120, 3, 8, 8), 0.2)
    images[torch.arange(120), labels] = 0.8
    return images, labels
"""
WRONG = {  # a mistake that each of them must notice
    SOFTEN: SOFTEN.replace("logits / T", "logits"),
    DISTILL: DISTILL.replace("(1 - alpha)", "alpha"),
    BY_CITY: BY_CITY.replace("ascending=False", "ascending=True"),
    MOBILENET: MOBILENET.replace("return self.out(images.mean((2, 3)))", "return -self.out(images.mean((2, 3)))"),
}
TESTS = {
    ("hidden-tests.md", "from autograder.testing import close, given, public_twin, question, unchanged"): SOFTEN,
    ("hidden-tests.md", '@question("distillation_loss", builds_on=["kl_distillation"])'): DISTILL,
    ("hidden-tests.md", '@question("by_city")'): BY_CITY,
    ("hidden-tests.md", '@question("trained_weights")'): MOBILENET,
}


@pytest.mark.parametrize("key", TESTS, ids=lambda key: key[1][:40])
def test_hidden_tests_of_the_docs_run(key: tuple[str, str], tmp_path: Path) -> None:
    solution = TESTS[key]
    file = tmp_path / "hidden_tests.py"
    file.write_text(HEAD + IMAGES + "\n" + found(*key).text)
    suite = collect_file(file, namespace(solution))
    rows = {
        "out.weight": 9 * torch.eye(3).repeat(4, 1)[:10] * (torch.arange(10) < 3)[:, None],
        "out.bias": torch.zeros(10),
    }
    try:
        for source, wanted in ((solution, {"passed"}), (WRONG[solution], {"failed"})):
            session = Session(suite.reference, (source,))
            session.artifacts = {"separable_weights.safetensors": save({k: v.half() for k, v in rows.items()})}
            outcomes = suite.run(session)
            assert wanted <= {str(outcome.status.value) for outcome in outcomes}, outcomes
            assert wanted == {"failed"} or all(outcome.status.value == "passed" for outcome in outcomes), outcomes
    finally:
        suite.close()


# -- files ---------------------------------------------------------------------------------------


def _inputs(block: Block, folder: Path) -> None:
    names: dict[str, Any] = {}
    exec(block.text, names)  # noqa: S102 - the documentation's own
    declared, problems = read_declared(names["INPUTS"], ["soften", "distill_epoch", "freeze"])
    assert problems == []
    assert declared["soften"]["T"] == ("one",)


def _course(folder: Path, name: str = "01_first") -> Path:
    if not (folder / "course").is_dir():
        new_course(folder / "course", "A course", name)
    return folder / "course"


def _doing_nothing(block: Block, folder: Path) -> None:
    course = _course(folder)
    (course / "solutions/01_first/doing_nothing.yaml").write_text(block.text.replace("soften", "fahrenheit"))
    [entry] = read_excused(load_course(course).assignment("01_first"))
    assert entry.question == "fahrenheit"


def _equivalents(block: Block, folder: Path) -> None:
    course = _course(folder)
    (course / "solutions/01_first/equivalent_mutants.yaml").write_text(block.text.replace("soften", "fahrenheit"))
    [entry] = read_equivalents(load_course(course).assignment("01_first"))
    assert entry.before.startswith("return F.softmax")


def _artifacts(block: Block, folder: Path) -> None:
    course = _course(folder)
    text = (course / "course.yaml").read_text()
    artifacts, questions = block.text.split("    questions:\n")
    text = text.replace("    questions:\n", f"{artifacts.rstrip()}\n    questions:\n{questions.rstrip()}\n", 1)
    (course / "course.yaml").write_text(text)
    assignment = load_course(course).assignment("01_first")
    assert [question.kind for question in assignment.questions if question.id == "trained_weights"] == ["artifact"]


def _variant(block: Block, folder: Path) -> None:
    file = folder / "wrong_missing_t_squared.py"
    file.write_text(block.text)
    variant = read_variant(file)
    assert variant.questions == ("kl_distillation",)
    assert variant.misconception == "missing_t_squared"


def _viva(block: Block, folder: Path) -> None:
    shutil.copytree(ROOT / "examples/sales", folder / "sales")
    assignment = load_course(folder / "sales").assignment("01_sales")
    viva_path(assignment).write_text(block.text)
    assert [question.id for question in read_viva(assignment)] == ["own_share", "order"]


def _weights(block: Block, folder: Path) -> None:
    [wanted] = yaml.safe_load(block.text)
    assignment = load_course(ROOT).assignment(wanted["name"])
    assert set(wanted["weights"]) <= {model.name for model in assignment.weights}
    assert {ROOT / path for path in wanted["public_files"]} <= set(assignment.public_paths)


def _roster(block: Block, folder: Path) -> None:
    file = folder / "roster.csv"
    file.write_text(block.text + "\n")
    [student] = load_roster(file).students
    assert (student.id, student.group) == ("s017", "pair-3")


def _pattern(block: Block, folder: Path) -> None:
    course = _course(folder)
    with (course / "course.yaml").open("a") as file:
        file.write("\n" + block.text + "\n")
    assert load_course(course).submissions.pattern is not None


def _hosts(block: Block, folder: Path) -> None:
    file = folder / "hosts.yaml"
    file.write_text(block.text)
    assert read_machines(file).hosts


def _dask(block: Block, folder: Path) -> None:
    install, hosts = block.text.split("\n\n")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(re.findall(r"\[([\w,]+)\]", install)) <= extras.keys()
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text("")
    (folder / "hosts.yaml").write_text(hosts)
    assert read_machines(folder / "hosts.yaml").scheduler is not None


def _kubernetes(block: Block, folder: Path) -> None:
    made = yaml.safe_load(block.text)
    assert made["spec"]["selector"]["matchLabels"] == made["spec"]["template"]["metadata"]["labels"]


def _unit(block: Block, folder: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(block.text)
    assert _parsed(unit["Service"]["ExecStart"].split("/autograder ")[1]) == ""


def _adjustments(block: Block, folder: Path) -> None:
    file = folder / "adjustments.yaml"
    file.write_text(block.text)
    assert len(load_adjustments(load_course(ROOT), file).entries) == 1


def _event(block: Block, folder: Path) -> None:
    schema = json.loads((ROOT / "docs/schemas/event.schema.json").read_text())
    assert json.loads(block.text).keys() <= schema["properties"].keys()


def _slurm(block: Block, folder: Path) -> None:
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
    nodes = folder / "bin"
    nodes.mkdir()
    (nodes / "scontrol").write_text("#!/bin/sh\necho node1; echo node2\n")
    (nodes / "scontrol").chmod(0o755)
    command = block.text.rsplit("\n", 1)[0]  # all but the last line, which grades
    env = {"PATH": f"{nodes}:/usr/bin:/bin", "SLURM_JOB_NODELIST": "node[1-2]", "HOME": "/home/anna"}
    subprocess.run(["bash", "-c", command], cwd=folder, env=env, check=True)
    assert [host.name for host in read_machines(folder / "hosts.yaml").hosts] == ["node1", "node2"]


def _certificates(block: Block, folder: Path) -> None:
    subprocess.run(["bash", "-ec", block.text], cwd=folder, check=True, capture_output=True)
    verify = ["openssl", "verify", "-CAfile", "ca.pem", "cert.pem"]
    subprocess.run(verify, cwd=folder, check=True, capture_output=True)


def _dask_commands(block: Block, folder: Path) -> None:
    from distributed.cli import dask_scheduler, dask_worker

    tls, *commands = block.text.splitlines()
    for line in commands:
        words = shlex.split(line.replace("$TLS", shlex.split(tls)[0].removeprefix("TLS=")))
        command = {"scheduler": dask_scheduler, "worker": dask_worker}[words[1]].main
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options


def _dask_program(block: Block, folder: Path) -> None:
    compile(block.text, block.where, "exec")
    from distributed import Security

    statement = block.text[block.text.index("tls = ") : block.text.index("cluster = ")]
    exec(statement, {"Security": Security})  # noqa: S102 - the documentation's own


def _pretrained(block: Block, folder: Path) -> None:
    own = found("reference-models.md", "own.load_state_dict(dict(zip(own.state_dict(), state.values(), strict=True)))")
    with importing_from(ROOT, ROOT / "reference_models"):
        namespace(f"{block.text}\nimport copy\nown = copy.deepcopy(teacher)\n{own.text}\nassert not teacher.training\n")


def _train(block: Block, folder: Path) -> None:
    from reference_models.train import main as train

    options = {name for parameter in train.params for name in parameter.opts}
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        assert words[:3] == ["python", "-m", "reference_models.train"]
        assert {word for word in words if word.startswith("--")} <= options


def _make(block: Block, folder: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {shlex.split(line, comments=True)[1] for line in block.text.splitlines()} <= targets


def _formgrader(block: Block, folder: Path) -> None:
    assert [line.split()[0] for line in block.text.splitlines()] == ["cd", "jupyter"]


OPENSSL = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 400 \\"
EVENT = '{"when": "…", "who": "anna", "why": "odd sizes dropped", "assignment": "03_separable", "subject": "s017",'


def _from_nothing(block: Block, folder: Path) -> None:
    """All lines in their order, with what `new` wrote; the environment is this one."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    at, commands = folder, 0
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:2] == ["pip", "install"]:
            assert set(re.findall(r"\[([\w,]+)\]", line)[0].split(",")) <= extras.keys()
        elif words[0] == "cd":
            at = at / words[1]
        elif words[0] == "autograder":
            more = {"preview": " --once --jobs 1", "validate": " --jobs 1 --seeds 1 --draws 1 --no-mutants"}
            status = (0, 1) if words[1] == "doctor" else (0,)  # 1: the tests go on with another sandbox
            _run(at, shlex.join(words[1:]) + more.get(words[1], ""), status)
        else:
            assert line in ("python3 -m venv .venv", ". .venv/bin/activate")
        commands += 1
    assert commands == 9, "the page says how many there are"
    assert (at / "assignments/01_first/01_first.ipynb").is_file()


FILES: dict[tuple[str, str], Callable[[Block, Path], None]] = {
    ("hidden-tests.md", "INPUTS = {"): _inputs,
    ("hidden-tests.md", "- question: soften"): _doing_nothing,
    ("hidden-tests.md", "    artifacts: [separable_weights.safetensors]"): _artifacts,
    ("hidden-tests.md", "# question: kl_distillation"): _variant,
    ("reference-models.md", "from pretrained import load_model, load_state"): _pretrained,
    ("reference-models.md", "- name: 02_visualisation"): _weights,
    ("instructor.md", "- id: own_share"): _viva,
    ("reference-models.md", "python -m reference_models.train baseline --threads 1"): _train,
    ("submissions.md", "id,email,aliases,group"): _roster,
    ("submissions.md", "submissions:"): _pattern,
    ("many-machines.md", "# hosts.yaml"): _hosts,
    ("many-machines.md", "hosts:"): _hosts,
    ("many-machines.md", "#!/bin/bash"): _slurm,
    ("many-machines.md", "apiVersion: apps/v1"): _kubernetes,
    ("many-machines.md", "pip install 'course-autograder[dask]'"): _dask,
    ("many-machines.md", OPENSSL): _certificates,
    ("many-machines.md", 'TLS="--tls-ca-file ca.pem --tls-cert cert.pem --tls-key key.pem"'): _dask_commands,
    ("many-machines.md", "from dask_jobqueue import SLURMCluster"): _dask_program,
    ("operator.md", "[Service]"): _unit,
    ("ta.md", "adjustments:"): _adjustments,
    ("ta.md", "cd results/staff"): _formgrader,
    ("ta.md", EVENT): _event,
    ("README.md", "make demo"): _make,
    ("instructor.md", "python3 -m venv .venv"): _from_nothing,
}  # fmt: skip
PAIRED = {("reference-models.md", "own.load_state_dict(dict(zip(own.state_dict(), state.values(), strict=True)))")}
EQUIVALENTS = "return F.softmax(logits / T, dim=1)"


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.key in FILES], ids=lambda block: block.where)
def test_files_of_the_docs_are_read_by_what_reads_them(block: Block, tmp_path: Path) -> None:
    reader = _equivalents if EQUIVALENTS in block.text else FILES[block.key]
    if block.key[1].startswith("openssl") and shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    reader(block, tmp_path)


# -- commands: run in a small course with results ------------------------------------------------

SAMPLES = {
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section,A first assignment (1)\n    Points Possible,,,,,8\n"
    '"L, A",10001,,al,,\n',
    "moodle": 'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 1",A,s1@uni.example,Submitted,,"8,00",Yes,-,-,\n',
    "blackboard": '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"\t'
    '"A first assignment [Total Pts: 8 Score] |1"\n"L"\t"A"\t"al"\t"7"\t""\t"Yes"\t""\n',
    "brightspace": "OrgDefinedId,A first assignment Points Grade <Numeric MaxPoints:8>,End-of-Line Indicator\n#7,,#\n",
}
# What needs a machine, an image or a server of its own is parsed: its options are those of the command.
PARSED = re.compile(r"(resident (start|status|stop|hand-in)|image (build|check))\b")
COMMAND = re.compile(r"^(?:\$\S*/)?autograder ([a-z][^#]*?)(?:\s{2,}.*)?(?:#.*)?$")


def commands_of(block: Block) -> list[str]:
    """What follows `autograder` on each line; empty unless all lines are such commands."""
    matches = [COMMAND.match(line) for line in block.text.splitlines() if line.strip()]
    return [match[1].strip() for match in matches if match] if all(matches) else []


def _parsed(typed: str) -> str:
    from tests.packaging.test_docs import problem

    return problem(typed)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one assignment, released; `submitted` and `results` of one student."""
    course = _course(tmp_path_factory.mktemp("commands"))
    (course / "roster.csv").write_text("id,email,aliases\ns017,s1@uni.example,canvas:10001; login:al; sid:7\n")
    _run(course, "release 01_first")
    starter = (course / "assignments/01_first/01_first.ipynb").read_text()
    (course / "submitted/s017").mkdir(parents=True)
    text = starter.replace("raise NotImplementedError", "return celsius * 9 / 5 + 32", 1)
    (course / "submitted/s017/01_first.ipynb").write_text(text)
    shutil.copy(course / "submitted/s017/01_first.ipynb", course / "my_notebook.ipynb")
    _run(course, "grade submitted --output results --jobs 1")
    return course


def _run(course: Path, typed: str, status: tuple[int, ...] = (0,)) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course)
        done = CliRunner().invoke(main, shlex.split(typed))
    assert done.exit_code in status, (typed, done.output[-3000:], done.exception)
    return done.output


PLACES = {  # what stands for what in the commands of the docs
    r"\bRESULTS\b|\bresults/": "results", r"\bASSIGNMENT\b|\bNAME\b|03_separable": "01_first",
    r"PATH…|\bsubmitted/|\bdownloads/": "submitted", "/srv/www/feedback": "published", "COURSE$": "as_nbgrader",
    "--into FOLDER": "--into as_otter", r" …$": " FILE", "my_course": "another_course",
}  # fmt: skip


def _runnable(typed: str, course: Path) -> str:
    for pattern, place in PLACES.items():
        typed = re.sub(pattern, place, typed)
    kind = typed.split()[1] if typed.startswith(("export", "import")) else ""
    if kind == "csv":
        (course / "grades.csv").write_text("Matriculation,Points\n7,\n")
        return typed.replace("FILE", "grades.csv")
    if "FILE" in typed:
        sample = SAMPLES["canvas" if kind == "roster" else kind]
        (course / f"platform_{kind}.csv").write_text(sample, encoding="utf-8")
        typed = typed.replace("FILE", f"platform_{kind}.csv")
    return typed


LINES = [(block.where, typed) for block in BLOCKS for typed in commands_of(block)]


@pytest.mark.parametrize(("where", "typed"), LINES, ids=lambda value: value)
def test_commands_of_the_docs_run(where: str, typed: str, graded: Path, tmp_path: Path) -> None:
    if PARSED.match(typed):
        assert _parsed(typed) == ""
        return
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    if typed.startswith("import nbgrader"):
        _run(course, "export nbgrader 01_first --into exported")
        typed = typed.replace("SOURCE", "exported/source/01_first") + " --name imported"
    if typed.startswith("import otter"):
        _run(course, "export otter 01_first --into exported")
        typed = _otter(typed, course)
    if typed.startswith("import roster") and "--update" not in typed:
        (course / "roster.csv").unlink()
    if "--hosts" in typed:
        (course / "hosts.yaml").write_text("hosts:\n  - {name: here, slots: 1}\n")
    if typed.startswith("validate"):
        typed += (
            " --no-mutants --seeds 1 --threads 1 --draws 1" if "--no-mutants" not in typed else " --seeds 1 --draws 1"
        )
    if typed.startswith("publish") and "--withdraw" in typed:
        _run(course, "publish results published")
    # what it finds wrong with this notebook, of which only one blank is filled
    status = (1,) if typed.startswith("check") else (0,)
    said = _run(course, _runnable(typed, course), status)
    assert said.strip(), "a command says what it did"


def _otter(typed: str, course: Path) -> str:
    master = {
        "cells": [
            {"cell_type": "raw", "metadata": {}, "source": "# ASSIGNMENT CONFIG\nname: hw"},
            {"cell_type": "raw", "metadata": {}, "source": "# BEGIN QUESTION\nname: q1\npoints: 2"},
            {"cell_type": "markdown", "metadata": {}, "source": "Double it."},
            {"cell_type": "raw", "metadata": {}, "source": "# BEGIN SOLUTION"},
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
             "source": "def double(x):\n    return 2 * x # SOLUTION"},
            {"cell_type": "raw", "metadata": {}, "source": "# END SOLUTION"},
            {"cell_type": "raw", "metadata": {}, "source": "# BEGIN TESTS"},
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "double(2) == 4"},
            {"cell_type": "raw", "metadata": {}, "source": "# END TESTS"},
            {"cell_type": "raw", "metadata": {}, "source": "# END QUESTION"},
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    (course / "hw.ipynb").write_text(json.dumps(master))
    (course / "otter_tests").mkdir()
    suite = (
        'OK_FORMAT = True\ntest = {"name": "q1", "points": 2, "suites": [{"cases": [{"code": ">>> double(3)\\n6"}]}]}\n'
    )
    (course / "otter_tests/q1.py").write_text(suite)
    return typed.replace("MASTER", "hw.ipynb").replace("--tests FOLDER", "--tests otter_tests")


# -- trees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.text.startswith("results/\n")],
                         ids=lambda block: block.where)  # fmt: skip
def test_trees_of_results_show_what_a_run_writes(block: Block, graded: Path) -> None:
    at: list[str] = []
    for line in block.text.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        words = re.split(r"\s{3,}", line.strip())[0].replace("<assignment>", "01_first").replace("<subject>", "s017")
        at = [*at[:depth], words.split()[0]]
        for name in words.split():
            path = graded / "/".join([*at[:-1], name])
            assert path.exists(), f"{block.where}: {path}"


# -- all of them ---------------------------------------------------------------------------------


def test_every_block_is_run_or_read() -> None:
    layouts = (ROOT / "docs/submissions.md").read_text(encoding="utf-8").split("<!-- end -->")
    left = []
    for block in BLOCKS:
        known = block.key in FILES or block.key in TESTS or block.key in PAIRED or bool(commands_of(block))
        written_by_new = block.page == "docs/small-assignment.md"  # see test_docs
        generated = any(block.text.split("\n")[0] in part for part in layouts) and block.page == "docs/submissions.md"
        picture = block.page == "docs/architecture.md"  # of processes
        if not (known or written_by_new or generated or picture or block.text.startswith("results/\n")):
            left.append(f"{block.where}: {block.key}")
    assert left == []
    assert len(BLOCKS) > 50
