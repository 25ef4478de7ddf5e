#!/bin/sh
# Makes .venv hold exactly what a lock file says: `tools/venv.sh` for running, `tools/venv.sh dev` for tests too.
# A lock file that was installed before (its checksum is noted) costs nothing.
set -eu
cd "$(dirname "$0")/.."
suffix=${1:+-$1}
lock=requirements$suffix.lock
installed=.venv/.installed

# Of the lock files and of what pyproject.toml says about the installation (not about the tools).
checksum() { { cat "$1" requirements-tools.lock; sed '/^\[tool/,$d' pyproject.toml; } | sha256sum | cut -d' ' -f1; }
say() { printf '%s\n' "$*" >&2; }

if [ -x .venv/bin/jiuye ] && grep -qsx "$PWD $(checksum "$lock")" "$installed"; then
    exit 0
fi

python=${PYTHON:-}
for candidate in python3 python3.11 python3.12 python3.13; do
    if [ -z "$python" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
    fi
done
[ -n "$python" ] || { say "Jiuye needs Python 3.11 or newer."; exit 1; }

if ! grep -qs "^$PWD " "$installed" || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    # Debian keeps what makes an environment in a package of its own.
    "$python" -c 'import ensurepip' 2>/dev/null || tools/apt.sh python3-venv
    say "Making .venv with $("$python" --version)."
    "$python" -m venv --clear .venv
fi

say "Installing the packages of $lock."
rm -f "$installed"
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
if .venv/bin/pip install -q --require-hashes -r requirements-tools.lock \
    && .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "$lock"; then
    :
else
    say "uv did not work here; going on with pip, which takes longer."
    .venv/bin/pip install -q --require-hashes -r "$lock"
fi
.venv/bin/pip install -q --no-deps --no-build-isolation -e .

# The test packages include those for running.
echo "$PWD $(checksum requirements.lock)" > "$installed.new"
[ -z "$suffix" ] || echo "$PWD $(checksum "$lock")" >> "$installed.new"
mv "$installed.new" "$installed"
