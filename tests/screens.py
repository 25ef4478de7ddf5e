"""`make screens`: every page in every state, as pictures in build/screens. People look at them.

    python -m tests.screens             all
    python -m tests.screens -k elder    some
    python -m tests.screens --readme    only those of the README, into docs/images

The files tests/screens_*.py run as tests (a database of their own, a server, Chromium) but only look.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

FOLDER = Path("build/screens")
README = "tests/screens_city.py::test_readme"


def main() -> int:
    os.environ.setdefault("JIUYE_LOG_LEVEL", "ERROR")
    given = [argument for argument in sys.argv[1:] if argument != "--readme"]
    if "--readme" in sys.argv:
        chosen = [README]
    else:
        chosen = [str(path) for path in sorted(Path("tests").glob("screens_*.py"))]
        chosen += ["--deselect", README]  # what is committed changes only on purpose
    code = int(pytest.main([*chosen, "-q", "-p", "no:randomly", "-p", "no:cacheprovider", *given]))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")
    return code


if __name__ == "__main__":
    sys.exit(main())
