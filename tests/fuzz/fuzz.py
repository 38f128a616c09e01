"""Coverage-guided fuzzing of every reader of untrusted bytes: `make fuzz`, or this file with names of targets.

Each target runs in a process of its own for `--seconds`. What was found interesting is kept in `.fuzz/<target>` and
taken up again the next time. An input that breaks a target ends it and is written to `tests/fuzz/crashes/<target>`,
where the test suite reads it from then on: mend the reader, and leave the input there.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SLOW_SECONDS = 60  # for one input, on a machine that may be busy
MEMORY_MB = 4096
LONGEST = 4096  # bytes of an input


def main() -> int:
    if sys.argv[1:2] == ["--one"]:
        _fuzz(sys.argv[2], sys.argv[3:])
    names = _target_names()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(names)}; all without")
    parser.add_argument("--seconds", type=int, default=450, help="for each target (default: an hour for all eight)")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(names):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; choose from {', '.join(names)}")
    broken = [name for name in options.targets or names if not _run(name, options.seconds)]
    for name in broken:
        print(f"{name}: broken; the input is in {HERE / 'crashes' / name}")
    return 1 if broken else 0


def _target_names() -> list[str]:
    """Without importing the readers, which must be instrumented when they are imported."""
    text = (HERE / "targets.py").read_text().partition("TARGETS: ")[2]
    return [line.split('"')[1] for line in text.splitlines() if line.strip().startswith('"')]


def _run(name: str, seconds: int) -> bool:
    sys.path.insert(0, str(HERE))
    from seeds import seeds

    corpus, crashes = ROOT / ".fuzz" / name, HERE / "crashes" / name
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    for data in seeds(name):
        (corpus / hashlib.sha1(data).hexdigest()).write_bytes(data)
    command = [sys.executable, __file__, "--one", name, str(corpus), f"-max_total_time={seconds}"]
    command += [f"-artifact_prefix={crashes}/", f"-timeout={SLOW_SECONDS}", f"-rss_limit_mb={MEMORY_MB}"]
    print(f"== {name}, {seconds} s", flush=True)
    ended = subprocess.run([*command, f"-max_len={LONGEST}", "-print_final_stats=1"], cwd=ROOT, check=False)
    if not any(crashes.iterdir()):
        crashes.rmdir()
    return ended.returncode == 0


def _fuzz(name: str, arguments: list[str]) -> None:
    """Fuzz one target in this process, for ever or as libFuzzer's arguments say. Does not return."""
    import atheris

    sys.path.insert(0, str(HERE))
    with atheris.instrument_imports(include=["autograder", "targets"]):
        from targets import TARGETS
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
