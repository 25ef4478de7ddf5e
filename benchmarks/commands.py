"""The one place where the benchmarks start other programs.

Every command is a list put together here from our own words and paths: no shell reads it, and nothing in it
comes from outside. That is what ruff's S603 can't see; so it is said once, here.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any

Process = subprocess.Popen[bytes]
STDOUT, PIPE = subprocess.STDOUT, subprocess.PIPE


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Until it ends. `check=True`: CalledProcessError when it fails."""
    return subprocess.run([*command], **{"check": False, **options})  # noqa: S603


def start(command: Sequence[str], **options: Any) -> Process:
    """And leave it running."""
    return subprocess.Popen([*command], **options)  # noqa: S603
