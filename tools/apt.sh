#!/bin/sh
# `tools/apt.sh PACKAGE…`: root gets Debian's packages installed, without the chatter; others are told what to type.
set -eu
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Please install: sudo apt install $*" >&2
    exit 1
fi
echo "Installing $*." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
