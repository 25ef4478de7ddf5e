"""Taking times: works to compare take turns, so that a busy moment of the machine hits all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

SERVER = "BENCH_SERVER"  # environment: process id of the database server


@dataclass(frozen=True)
class Times:
    """Milliseconds of many single runs, by the clock. `cpu`: on a processor, the middle one, of this process
    and the database together; None where the system doesn't tell (Linux does)."""

    runs: int
    least: float
    p50: float
    p95: float
    cpu: float | None

    @classmethod
    def of(cls, taken: list[tuple[float, float | None]]) -> Times:
        wall = np.asarray([one for one, _cpu in taken])
        cpu = [one for _wall, one in taken if one is not None]
        return cls(
            len(taken),
            round(float(wall.min()) * 1000, 3),
            round(float(np.percentile(wall, 50)) * 1000, 3),
            round(float(np.percentile(wall, 95)) * 1000, 3),
            round(float(np.percentile(cpu, 50)) * 1000, 3) if cpu else None,
        )


class Processors:
    """Seconds that this thread and the processes of the database server have spent on a processor."""

    def __init__(self, server: str = "") -> None:
        self.server = server or os.environ.get(SERVER, "")

    def read(self) -> dict[str, float] | None:
        children = Path(f"/proc/{self.server}/task/{self.server}/children")
        if not self.server or not children.exists():
            return None
        spent = {"": time.thread_time()}
        for process in children.read_text().split():
            try:
                line = Path(f"/proc/{process}/schedstat").read_text()
            except OSError:  # it has just ended
                continue
            spent[process] = int(line.split()[0]) / 1e9
        return spent

    @staticmethod
    def between(before: dict[str, float] | None, after: dict[str, float] | None) -> float | None:
        if before is None or after is None:
            return None
        return sum(spent - before[process] for process, spent in after.items() if process in before)


def ended_children(process: int) -> float | None:
    """Processor seconds of all ended children of a process, whose parent has to have noticed their end."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def in_turns(
    works: Mapping[str, Callable[[int], object]],
    rounds: int,
    around: Callable[[int], AbstractContextManager[object]] = lambda number: nullcontext(),
    warm: int = 10,
) -> dict[str, Times]:
    """Each work called with the number of the round, within `around` of it, which isn't timed.

    `warm` rounds (numbers below 0) come before and are not counted.
    """
    taken: dict[str, list[tuple[float, float | None]]] = {name: [] for name in works}
    processors = Processors()
    for number in range(-warm, rounds):
        with around(number):
            for name, work in works.items():
                before, start = processors.read(), time.perf_counter()
                work(number)
                wall = time.perf_counter() - start
                if number >= 0:
                    taken[name].append((wall, processors.between(before, processors.read())))
    return {name: Times.of(times) for name, times in taken.items()}


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, what it is compared with, how many times as much it is."""

    part: str
    what: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    cpu: float | None = None
    peer_cpu: float | None = None
    p95: float | None = None

    @classmethod
    def timed(cls, part: str, what: str, times: Any, peer: str, other: Any) -> Figure:
        """Of two `Times` as JSON; `value` is the middle."""
        return cls(
            part, what, times["p50"], "ms", peer, other["p50"], times["cpu"], other["cpu"], times["p95"]
        )

    @property
    def ratio(self) -> float | None:
        """Of processor time where both were taken, since that doesn't depend on who else uses the machine."""
        if self.cpu and self.peer_cpu:
            return round(self.cpu / self.peer_cpu, 2)
        return round(self.value / self.peer_value, 2) if self.peer_value else None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}
