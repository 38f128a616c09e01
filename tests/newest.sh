#!/usr/bin/env bash
# newest.sh [pytest arguments]: the suite on the newest Python that is there, with the newest libraries.
# With NO_TORCH=1, or where torch cannot be installed, only what needs no torch. Says at the end what it ran on.
set -euo pipefail
cd "$(dirname "$0")/.."
env=.venv-newest

newest=$(for python in python3.{11..19} python3 "$HOME"/.pyenv/versions/3.*/bin/python3; do
  "$python" -c 'import sys; print(*sys.version_info[:3], sys.executable) if sys.version_info >= (3, 11) else None' 2>/dev/null || true
done | sort -k1,1n -k2,2n -k3,3n | tail -n 1 | cut -d' ' -f4-)
[ -n "$newest" ] || { echo "test-newest: found no Python of at least 3.11"; exit 1; }
[ -x "$env/bin/python" ] && [ "$("$env/bin/python" -V)" = "$("$newest" -V)" ] || { rm -rf "$env"; "$newest" -m venv "$env"; }

pip() { "$env/bin/python" -m pip install --quiet --progress-bar off "$@"; }
tools="hypothesis pytest-timeout pytest-xdist beautifulsoup4 psutil pandas matplotlib"
if [ -n "${NO_TORCH:-}" ] || ! pip -c constraints-newest.txt "$(grep '^torch==' constraints-newest.txt)"; then
  pip -e '.[nbgrader,validate]' $tools
else
  pip -c constraints-newest.txt -e '.[dev]'
fi
on=$("$env/bin/python" - <<'PYTHON'
import importlib.metadata as installed, platform

def of(name):
    try:
        return f"{name} {installed.version(name)}"
    except installed.PackageNotFoundError:
        return f"no {name}"

print(f"Python {platform.python_version()}, {of('torch')}, {of('numpy')}, {of('pandas')}")
PYTHON
)
echo "test-newest: $on"
status=0
"$env/bin/python" -m pytest -m "not slow and not long and not hostile and not browser" "$@" || status=$?
echo "test-newest ran on $on: exit status $status"
exit $status
