"""Seconds on a processor and by the clock, and the most memory a process ever had."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEGA = 1 << 20


def timed(work: Callable[[], Any], rounds: int) -> dict[str, float]:
    """The least of several rounds, in seconds. The first round, which isn't counted, warms up."""
    work()
    cpu, wall = [], []
    for _ in range(rounds):
        start, began = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - start)
        wall.append(time.perf_counter() - began)
    return {"cpu": min(cpu), "wall": min(wall), "middle_cpu": sorted(cpu)[len(cpu) // 2]}


def most_memory() -> float | None:
    """Megabytes at the peak (VmHWM); None where the system doesn't tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), None)


def arguments() -> tuple[Path, int]:
    """Folder of the data and how many rounds."""
    return Path(sys.argv[1]), int(sys.argv[2])


def report(folder: Path, engine: str, found: dict[str, Any]) -> None:
    (folder / f"{engine}.json").write_text(json.dumps(found | {"peak_mb": most_memory()}), encoding="utf-8")
