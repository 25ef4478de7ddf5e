"""`make screens`: every page in every state, as pictures in build/screens. People look at them.

    python -m tests.screens             all
    python -m tests.screens -k elder    some

The files tests/screens_*.py run as tests (a database of their own, a server, Chromium) but only look.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

FOLDER = Path("build/screens")


def main() -> int:
    os.environ.setdefault("JIUYE_LOG_LEVEL", "ERROR")
    files = [str(path) for path in sorted(Path("tests").glob("screens_*.py"))]
    code = int(pytest.main([*files, "-q", "-p", "no:randomly", "-p", "no:cacheprovider", *sys.argv[1:]]))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")
    return code


if __name__ == "__main__":
    sys.exit(main())
