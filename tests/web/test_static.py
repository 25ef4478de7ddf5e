"""What the browser loads is ours or vendored as published, and asks for nothing elsewhere."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.PACKAGE) / "web" / "static" / "jiuye"
ELSEWHERE = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"]|fetch\(\s*['"])(?:https?:)?//""")


def test_vendored_files_are_unchanged() -> None:
    listed = {}
    for line in (ROOT / "vendor" / "CHECKSUMS").read_text().splitlines():
        checksum, name = line.split()
        listed[name] = checksum
        assert hashlib.sha256((ROOT / "vendor" / name).read_bytes()).hexdigest() == checksum, name
    scripts = {path.name for path in (ROOT / "vendor").iterdir() if path.suffix in (".js", ".css")}
    assert scripts == set(listed)


def test_our_own_files_ask_for_nothing_elsewhere() -> None:
    for path in [*ROOT.glob("css/*.css"), *ROOT.glob("js/*.js")]:
        assert not ELSEWHERE.search(path.read_text(encoding="utf-8")), path.name


def test_colours_are_named_in_one_file_only() -> None:
    for path in ROOT.glob("css/*.css"):
        if path.name in ("tokens.css", "elder.css", "print.css"):
            continue
        found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text(encoding="utf-8"))) - {"#fff"}
        assert not found, f"{path.name}: {found}"
