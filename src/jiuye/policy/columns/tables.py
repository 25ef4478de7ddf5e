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

from jiuye.policy.columns.blocks import ONE, TWO, Block, Cell, Number, Truth, shared, width
from jiuye.policy.columns.layout import BLOCK, EPOCH, NULL_DAY, Array
from jiuye.policy.columns.operators import against
from jiuye.policy.folding import Shape, Stretch
from jiuye.policy.values import Month

FIRST, LAST = date(1900, 1, 1), date(2050, 12, 31)
RANGES = {
    "date": ((FIRST - EPOCH).days, (LAST - EPOCH).days),
    "month": (int(Month.of_date(FIRST)), int(Month.of_date(LAST))),
}

FEW_OPEN = 4  # groups that are sooner compared with than looked up


class Axes(Shape):
    """A shape as a table: every day (unknown first) for every combination of the groups."""

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
        columns = block.columns
        if self.fact not in columns or any(name not in columns for name, _, _ in self.groups):
            return False

        def find() -> bool:
            # days before the table wrap round, and so do unknown ones
            offset = columns[self.fact] - np.int32(self.low)
            outside = np.count_nonzero(offset.view(np.uint32) >= np.uint32(self.days - 1))
            missing = block.missing(self.fact) if outside else None
            return not outside or (missing is not None and outside == np.count_nonzero(missing))

        return block.once(("covers", self.fact), find)

    def place(self, block: Block) -> Array:
        """Each row's entry within a row of days."""
        return block.once(
            ("place", self.fact),
            # unknown is the lowest int32: it becomes entry 0
            lambda: (np.maximum(block.columns[self.fact], self.low - 1) - (self.low - 1)).astype(np.intp),
        )

    def numbers(self, block: Block) -> Array:
        """Each row's combination of groups, as narrow as may be."""

        def find() -> Array:
            out: Any = None
            for name, kind, count in self.groups:
                column = block.columns[name]
                state = column if kind == "bool" else column + column.dtype.type(1)
                small = state.astype(np.uint8, copy=False)  # there are at most MOST_GROUPS
                out = small if out is None else out * np.uint8(count) + small
            return np.zeros(block.size, np.uint8) if out is None else out

        return block.once(("groups", self.groups), find)

    def group(self, block: Block) -> Array:
        """The same, ready to index with."""
        return block.once(("group", self.groups), lambda: self.numbers(block).astype(np.intp))


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


@dataclass(frozen=True)
class Days:
    """A truth worked out for every day of the table and every combination: what cut-offs are read off."""

    entries: Array  # combinations one after the other, each with the unknown day first
    axes: Axes

    @staticmethod
    def of(direct: Truth, axes: Axes) -> Days:
        return Days(np.concatenate([direct.run(block) for block in axes.grid()]), axes)

    def steps(self, number: int) -> Stretch:
        days = self.entries.reshape(-1, self.axes.days)[number, 1:]
        starts = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist()]
        low = self.axes.low
        return Stretch(low, low + len(days) - 1, [(low + start, int(days[start])) for start in starts])


def truth_table(direct: Truth, axes: Axes, cutoffs: list[Cutoff]) -> Truth:
    if direct.always is not None:
        return direct
    entries, starts = _rows(Days.of(direct, axes).entries, axes)
    cut = _cutoff(entries, axes) if axes.kind == "date" else None
    if cut is not None:
        cutoffs.append(cut)
        fact, day, op = cut.fact, cut.day, np.greater_equal if cut.rising else np.less

        def compare(block: Block) -> Array:
            return against(block, fact, op, day) if axes.covers(block) else direct.run(block)

        return Truth(shared(compare))
    steps = _Steps.of(entries, starts, axes)
    if steps is not None:
        return Truth(shared(lambda block: steps.run(block) if axes.covers(block) else direct.run(block)))
    find = _finder(starts, axes)
    return Truth(shared(lambda block: entries.take(find(block)) if axes.covers(block) else direct.run(block)))


@dataclass(frozen=True, eq=False)
class _Steps:
    """A date with small facts beside it as one or two comparisons.

    For each group the day from which the state is at least 1 and the one from which it is 2 (or the other way
    round). open: groups that say nothing on any day.
    """

    axes: Axes
    first: Array
    second: Array
    rising: bool
    open: tuple[int, ...]

    @staticmethod
    def of(entries: Array, starts: Array, axes: Axes) -> _Steps | None:
        rows = entries.reshape(-1, axes.days)
        days = rows[:, 1:].astype(np.int8)
        moves = np.diff(days, axis=1)
        if (rows[:, 0] != 1).any() or ((moves > 0).any() and (moves < 0).any()):
            return None
        rising = not (moves < 0).any()
        end = np.iinfo(np.int32).max
        found = []
        for least in (1, 2):
            reached = days >= least if rising else days < least
            place = np.where(reached.any(axis=1), axes.low + reached.argmax(axis=1), end)
            found.append(place.astype(np.int32)[starts // axes.days])
        first, second = found
        nothing = (days == 1).all(axis=1)[starts // axes.days]
        if nothing.sum() <= FEW_OPEN:
            first = np.where(nothing, second, first)
        at_once = np.array_equal(first, second)
        open_ = tuple(np.flatnonzero(nothing).tolist()) if at_once else ()
        return _Steps(axes, first if at_once else found[0], first if at_once else second, rising, open_)

    def run(self, block: Block) -> Array:
        axes, days = self.axes, block.columns[self.axes.fact]
        place = axes.group(block)
        met = days >= self.first.take(place)
        out: Array = met.view(np.uint8)
        if self.first is self.second:
            np.add(out, out, out=out)
        else:
            np.add(out, (days >= self.second.take(place)).view(np.uint8), out=out)
        if not self.rising:
            np.subtract(TWO, out, out=out)
        unknown = block.missing(axes.fact)
        for group in self.open:
            said = axes.numbers(block) == group
            unknown = said if unknown is None else unknown | said
        if unknown is not None:
            open_ = unknown.view(np.uint8)
            np.bitwise_and(out, open_ - ONE, out=out)
            np.bitwise_or(out, open_, out=out)
        return out


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
    known = values[~unknown]
    low, high = (int(known.min()) - 1, int(known.max())) if known.size else (-1, 0)
    values[unknown] = low  # stands for unknown
    entries, starts = _rows(values.astype(width(low, high)), axes)
    find = _finder(starts, axes)

    def run(block: Block) -> Cell:
        if not axes.covers(block):
            return direct.run(block)
        data = entries.take(find(block))
        missing: Array = data == low
        return Cell(data, missing if np.count_nonzero(missing) else None, low, high)

    return Number(shared(run), direct.scale)


def _whole(parts: Sequence[Any], sizes: Sequence[int], dtype: Any) -> Array:
    return np.concatenate(
        [np.broadcast_to(part, size) for part, size in zip(parts, sizes, strict=True)]
    ).astype(dtype)
