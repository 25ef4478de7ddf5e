"""Taking times: works to compare take turns, so that a busy moment of the machine hits all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Times:
    """Wall milliseconds of many single runs."""

    runs: int
    least: float
    p50: float
    p95: float

    @classmethod
    def of(cls, milliseconds: list[float]) -> Times:
        at = np.asarray(milliseconds)
        low, middle, high = (
            round(float(value), 3) for value in (at.min(), np.percentile(at, 50), np.percentile(at, 95))
        )
        return cls(len(milliseconds), low, middle, high)


def in_turns(
    works: Mapping[str, Callable[[int], object]],
    rounds: int,
    around: Callable[[int], AbstractContextManager[object]] = lambda number: nullcontext(),
    warm: int = 3,
) -> dict[str, Times]:
    """Each work called with the number of the round, within `around` of it, which isn't timed.

    `warm` rounds (numbers below 0) come before and are not counted.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(-warm, rounds):
        with around(number):
            for name, work in works.items():
                start = time.perf_counter()
                work(number)
                if number >= 0:
                    taken[name].append((time.perf_counter() - start) * 1000)
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

    @property
    def ratio(self) -> float | None:
        return round(self.value / self.peer_value, 2) if self.peer_value else None

    def to_json(self) -> dict[str, Any]:
        return {
            "part": self.part,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": self.peer_value,
            "ratio": self.ratio,
        }
