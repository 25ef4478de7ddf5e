#!/bin/sh
# The browser tests drive Debian's Chromium and look at Chinese text: root gets installed what is missing.
set -eu
cd "$(dirname "$0")"
missing=
command -v chromium >/dev/null || missing=chromium
ls /usr/share/fonts/*/*/*CJK* >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || missing="$missing libatomic1" # playwright's driver needs it
# shellcheck disable=SC2086 (a list)
[ -z "$missing" ] || exec ./apt.sh $missing
