#!/bin/sh
# The browser tests drive Debian's Chromium and look at Chinese text: root installs what is missing.
set -eu
missing=
command -v chromium >/dev/null || missing=chromium
ls /usr/share/fonts/*/*/*CJK* >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The browser tests need: sudo apt install$(printf ' %s' $missing)" >&2
    exit 1
fi
echo "Installing$(printf ' %s' $missing)." >&2
apt-get update -q >/dev/null
# shellcheck disable=SC2086 (a list)
DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing >/dev/null
