"""Partial evaluation: what depends on one date and a few codes is worked out for every day beforehand.

The table is made by the same program that it replaces, so it can't differ. A truth that changes once over
the days becomes a plain cut-off (`birth < 2010-11-26`). Days outside the table are worked out without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np

from jiuye.policy.columns.layout import BLOCK, EPOCH, NULL_DAY, Array
from jiuye.policy.columns.nodes import Block, Cell, Number, Truth, shared, tri
from jiuye.policy.values import Month

FIRST, LAST = date(1900, 1, 1), date(2050, 12, 31)
RANGES = {
    "date": ((FIRST - EPOCH).days, (LAST - EPOCH).days),
    "month": (int(Month.of_date(FIRST)), int(Month.of_date(LAST))),
}
MOST_GROUPS = 32  # combinations of codes worth a row of days each


@dataclass(frozen=True)
class Axes:
    """`fact`, a date or month, by the small facts `groups` with so many states each (unknown included)."""

    fact: str
    kind: str
    groups: tuple[tuple[str, str, int], ...]  # (name, bool | text, states)

    @property
    def low(self) -> int:
        return RANGES[self.kind][0]

    @property
    def days(self) -> int:
        """Entries of a row: unknown first, then every day."""
        low, high = RANGES[self.kind]
        return high - low + 2

    def grid(self) -> list[Block]:
        """Every combination once, in blocks: states of the groups one after the other, days within."""
        axis = np.arange(self.low - 1, self.low + self.days - 1, dtype=np.int32)
        axis[0] = NULL_DAY
        blocks = []
        for states in product(*(range(count) for _, _, count in self.groups)):
            columns = {self.fact: axis}
            for (name, kind, _), state in zip(self.groups, states, strict=True):
                column = np.uint8(state) if kind == "bool" else np.int16(state - 1)
                columns[name] = np.full(self.days, column)
            for start in range(0, self.days, BLOCK):
                part = {name: column[start : start + BLOCK] for name, column in columns.items()}
                blocks.append(Block(part, len(part[self.fact])))
        return blocks

    def covers(self, block: Block) -> bool:
        """Whether this block's columns are there and its days lie in the table."""

        def find() -> bool:
            data = block.columns[self.fact]
            if data.max() >= self.low + self.days - 1:
                return False
            return bool(data.min() >= self.low or not ((data < self.low) & (data != NULL_DAY)).any())

        if any(name not in block.columns for name in (self.fact, *(name for name, _, _ in self.groups))):
            return False
        return block.once(("covers", self.fact), find)

    def place(self, block: Block) -> Array:
        """Each row's entry within a row of days."""
        return block.once(
            ("place", self.fact),
            # unknown is the lowest int32: it becomes entry 0
            lambda: (np.maximum(block.columns[self.fact], self.low - 1) - (self.low - 1)).astype(np.intp),
        )

    def group(self, block: Block) -> Array:
        """Each row's combination of groups."""

        def find() -> Array:
            out: Any = np.zeros(block.size, np.intp)
            for name, kind, count in self.groups:
                column = block.columns[name]
                out = out * count + (column if kind == "bool" else column + np.int16(1))
            return out  # type: ignore[no-any-return]

        return block.once(("group", self.groups), find)


@dataclass(frozen=True)
class Cutoff:
    """`fact` from `day` on (rising) or before it."""

    fact: str
    day: int
    rising: bool

    def __str__(self) -> str:
        day = EPOCH + timedelta(days=self.day)
        return f"{self.fact} {'>=' if self.rising else '<'} {day}"


def _rows(entries: Array, axes: Axes) -> tuple[Array, Array]:
    """(different rows end to end, where each group's row begins)."""
    rows = entries.reshape(-1, axes.days)
    begin: dict[bytes, int] = {}
    kept: list[Array] = []
    starts = []
    for row in rows:
        key = row.tobytes()
        if key not in begin:
            begin[key] = len(kept) * axes.days
            kept.append(row)
        starts.append(begin[key])
    return np.concatenate(kept), np.array(starts, dtype=np.intp)


def _finder(starts: Array, axes: Axes) -> Callable[[Block], Array]:
    """Where each row of a block finds its entry."""
    if not starts.any():
        return axes.place
    key = ("entry", axes.fact, axes.groups, starts.tobytes())
    return lambda block: block.once(key, lambda: starts.take(axes.group(block)) + axes.place(block))


def truth_table(direct: Truth, axes: Axes, cutoffs: list[Cutoff]) -> Truth:
    if direct.always is not None:
        return direct
    entries, starts = _rows(np.concatenate([direct.run(block) for block in axes.grid()]), axes)
    cut = _cutoff(entries, axes) if axes.kind == "date" else None
    if cut is not None:
        cutoffs.append(cut)
        fact, day, rising = cut.fact, np.int32(cut.day), cut.rising

        def compare(block: Block) -> Array:
            if not axes.covers(block):
                return direct.run(block)
            data = block.columns[fact]
            return tri(data >= day if rising else data < day, block.missing(fact))

        return Truth(shared(compare))
    find = _finder(starts, axes)
    return Truth(shared(lambda block: entries.take(find(block)) if axes.covers(block) else direct.run(block)))


def _cutoff(entries: Array, axes: Axes) -> Cutoff | None:
    if len(entries) != axes.days or entries[0] != 1:
        return None
    steps = np.flatnonzero(np.diff(entries[1:]))
    if len(steps) != 1 or {int(entries[1]), int(entries[-1])} != {0, 2}:
        return None
    return Cutoff(axes.fact, axes.low + int(steps[0]) + 1, bool(entries[-1] == 2))


def number_table(direct: Number, axes: Axes) -> Number:
    if direct.never or direct.always is not None:
        return direct
    cells = [(direct.run(block), block.size) for block in axes.grid()]
    values = _whole([cell.data for cell, _ in cells], [size for _, size in cells], np.int64)
    unknown = _whole([cell.unknown or False if not isinstance(cell.unknown, np.ndarray) else cell.unknown
                      for cell, _ in cells], [size for _, size in cells], bool)  # fmt: skip
    values[unknown] = 0
    if values.size and abs(values).max() < np.iinfo(np.int32).max:
        values = values.astype(np.int32)
    both = np.empty(values.size, dtype=[("value", values.dtype), ("unknown", bool)])
    both["value"], both["unknown"] = values, unknown
    kept, starts = _rows(both, axes)
    entries, open_ = np.ascontiguousarray(kept["value"]), np.ascontiguousarray(kept["unknown"])
    find = _finder(starts, axes)

    def run(block: Block) -> Cell:
        if not axes.covers(block):
            return direct.run(block)
        place = find(block)
        missing = open_.take(place)
        return Cell(entries.take(place).astype(np.int64), missing if missing.any() else None)

    return Number(shared(run), direct.scale)


def _whole(parts: Sequence[Any], sizes: Sequence[int], dtype: Any) -> Array:
    return np.concatenate(
        [np.broadcast_to(part, size) for part, size in zip(parts, sizes, strict=True)]
    ).astype(dtype)
