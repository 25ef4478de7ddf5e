"""Taking times: works to compare take turns, so that a busy moment of the machine hits all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
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
    """A stop watch of this thread and all processes of the database server, in seconds on a processor."""

    def __init__(self, server: str = "") -> None:
        server = server or os.environ.get(SERVER, "")
        self.children = Path(f"/proc/{server}/task/{server}/children")
        self.known = bool(server) and self.children.exists()
        self.start()

    def start(self) -> None:
        self.server = self._server()
        self.own = time.thread_time()

    def taken(self) -> float | None:
        """Since `start`; None where the system doesn't tell."""
        own = time.thread_time() - self.own
        if not self.known:
            return None
        return own + sum(
            spent - self.server[process]
            for process, spent in self._server().items()
            if process in self.server
        )

    def _server(self) -> dict[str, float]:
        spent: dict[str, float] = {}
        for process in self.children.read_text().split() if self.known else ():
            with suppress(OSError):  # it has just ended
                spent[process] = int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
        return spent


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
                processors.start()
                start = time.perf_counter()
                work(number)
                wall, spent = time.perf_counter() - start, processors.taken()
                if number >= 0:
                    taken[name].append((wall, spent))
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
