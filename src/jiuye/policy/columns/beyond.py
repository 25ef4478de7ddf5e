"""What lies beyond a person: the household, folded over all its members, and the employer, looked up.

Members of a household may stand anywhere. What rests on the employer alone is worked out once an employer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jiuye.policy.columns.blocks import Block, Cell, Number, Text, Truth, shared, width
from jiuye.policy.columns.layout import BLOCK, Array, ColumnError

SPREAD = 8  # numbers of households this many times as far apart as there are rows are numbered anew


@dataclass(frozen=True, eq=False)
class Member:
    """What is asked of every member. Worked out for all before the fold, it is kept for what comes after."""

    node: Truth

    def truth(self) -> Truth:
        inner = shared(self.node.run)

        def run(block: Block) -> Array:
            kept = None if block.beyond is None else block.beyond.kept.get(self)
            return inner(block) if kept is None else of_block(kept, block)

        return Truth(run)


@dataclass(frozen=True, eq=False)
class Fold:
    """`household_any` and the like of one condition. `level`: how many folds it rests on, itself included."""

    function: str
    member: Truth
    level: int
    kept: Member | None = None

    def truth(self) -> Truth:
        def run(block: Block) -> Array:
            found = None if block.beyond is None else block.beyond.folded.get(self)
            if found is None:
                return block.full(1)
            return of_block(found[0], block) if block.of_homes else found[0].take(homes(block))

        return Truth(shared(run))

    def number(self) -> Number:
        def run(block: Block) -> Cell:
            found = None if block.beyond is None else block.beyond.folded.get(self)
            if found is None:
                return Cell(np.zeros(block.size, np.int16), np.ones(block.size, bool))
            if block.of_homes:
                counts, open_ = (of_block(part, block) for part in found)
            else:
                counts, open_ = (part.take(homes(block)) for part in found)
            unknown = open_.view(bool)
            return Cell(counts, unknown if np.count_nonzero(unknown) else None, 0, int(found[0].max()))

        return Number(shared(run))


@dataclass(frozen=True, eq=False)
class Home:
    """What rests on the household alone: worked out once a household."""

    node: Truth

    def truth(self) -> Truth:
        def run(block: Block) -> Array:
            table = None if block.beyond is None else block.beyond.home(self)
            if table is None:
                return block.full(int(self.node.run(Block({}, 1))[0]))
            return table.take(homes(block))

        return Truth(shared(run))


@dataclass(frozen=True, eq=False)
class Firm:
    """What rests on the employer alone, as a node of an employer."""

    node: Truth | Number | Text

    def truth(self) -> Truth:
        return Truth(shared(lambda block: self.look_up(block)[0]))

    def number(self) -> Number:
        assert isinstance(self.node, Number)

        def run(block: Block) -> Cell:
            data, none, low, high = self.look_up(block)
            unknown: Array = data == none
            return Cell(data, unknown if np.count_nonzero(unknown) else None, low, high)

        return Number(shared(run), self.node.scale)

    def text(self) -> Text:
        assert isinstance(self.node, Text)
        return Text(shared(lambda block: self.look_up(block)[0]), self.node.words)

    def look_up(self, block: Block) -> tuple[Array, int, int, int]:
        """(each row's entry, what stands for unknown, low, high)."""
        assert block.beyond is not None
        table, none, low, high = block.beyond.firm(self)
        employer = block.beyond.employer
        if employer is None:
            return np.full(block.size, table[-1]), none, low, high
        rows = block.once("employers", lambda: of_block(employer, block).astype(np.intp))
        return table.take(rows), none, low, high


def of_block(column: Array, block: Block) -> Array:
    return column[block.start : block.start + block.size]


def homes(block: Block) -> Array:
    """Each row's household, from 0; -1 for none."""

    def find() -> Array:
        beyond = block.beyond
        assert beyond is not None
        assert beyond.household is not None
        found = of_block(beyond.household, block).astype(np.intp)
        if beyond.first:
            found -= beyond.first
            np.maximum(found, -1, out=found)
        return found

    return block.once("homes", find)


class Beyond:
    """Households and employers of one run. Raises ColumnError for rows that don't exist."""

    def __init__(
        self,
        size: int,
        household: Array | None,
        employer: Array | None,
        employers: Mapping[str, Array],
        of_employers: int,
    ) -> None:
        self.size, self.employers, self.of_employers = size, employers, of_employers
        self.folded: dict[Fold, tuple[Array, Array]] = {}
        self.kept: dict[Member, Array] = {}
        self._homes: dict[Home, Array] = {}
        self._firms: dict[Firm, tuple[Array, int, int, int]] = {}
        self.household, self.first, self.households = self._numbered(household)
        self.employer = self._checked(employer, "employer")
        if self.employer is not None and self.employer.size and self.employer.max() >= of_employers:
            raise ColumnError(f"employer {self.employer.max()}: there are {of_employers} employers")

    def _checked(self, rows: Array | None, name: str) -> Array | None:
        if rows is None:
            return None
        if rows.dtype.kind != "i" or len(rows) != self.size:
            raise ColumnError(f"{name}: {rows.dtype} of {len(rows)} rows isn't a whole number for each row")
        if rows.size and rows.min() < -1:
            raise ColumnError(f"{name} {rows.min()}: only -1 stands for none")
        return rows

    def _numbered(self, household: Array | None) -> tuple[Array | None, int, int]:
        """(numbers, the first one, how many)."""
        found = self._checked(household, "household")
        if found is None or not found.size:
            return found, 0, 0
        first, last = max(int(found.min()), 0), int(found.max())
        if last - first > SPREAD * found.size:
            different, places = np.unique(found, return_inverse=True)
            none = int(different[0] < 0)
            return (places - none).astype(np.int32), 0, len(different) - none
        return found, first, last - first + 1

    # -- households --------------------------------------------------------

    def taking(self, folds: Sequence[Fold]) -> list[Taking]:
        return [Taking(fold, self) for fold in folds]

    def home(self, home: Home) -> Array | None:
        """States of all households and, last, of those of none."""
        if self.household is None:
            return None
        if home not in self._homes:
            room = self.households + 1
            parts = [
                home.node.run(Block({}, min(BLOCK, room - start), self, start, of_homes=True))
                for start in range(0, room, BLOCK)
            ]
            self._homes[home] = np.concatenate(parts)
        return self._homes[home]

    # -- employers --------------------------------------------------------

    def firm(self, firm: Firm) -> tuple[Array, int, int, int]:
        """(entries of all employers and, last, of nobody's; what stands for unknown; low; high)."""
        if firm not in self._firms:
            self._firms[firm] = self._worked_out(firm.node)
        return self._firms[firm]

    def _worked_out(self, node: Truth | Number | Text) -> tuple[Array, int, int, int]:
        blocks = []
        for start in range(0, self.of_employers, BLOCK):
            end = min(start + BLOCK, self.of_employers)
            columns = {name: column[start:end] for name, column in self.employers.items()}
            blocks.append(Block(columns, end - start))
        blocks.append(Block({}, 1))
        if not isinstance(node, Number):
            return np.concatenate([node.run(block) for block in blocks]), -1, 0, 0
        cells = [node.run(block) for block in blocks]
        low, high = min(cell.low for cell in cells) - 1, max(cell.high for cell in cells)
        out = np.empty(self.of_employers + 1, width(low, high))
        start = 0
        for cell, block in zip(cells, blocks, strict=True):
            part = out[start : start + block.size]
            part[:] = cell.data
            if cell.unknown is not None:
                part[cell.unknown] = low
            start += block.size
        return out, low, low, high


class Taking:
    """A fold while the blocks go by."""

    def __init__(self, fold: Fold, beyond: Beyond) -> None:
        self.fold, self.beyond = fold, beyond
        self.counts = fold.function == "household_count"
        room = beyond.households + 1  # the last one takes those of no household
        self.decided: Array = np.zeros(room, np.int32 if self.counts else np.uint8)
        self.open: Array = np.zeros(room, np.uint8)
        self.states = None if fold.kept is None else np.empty(beyond.size, np.uint8)

    def add(self, block: Block) -> None:
        states, rows = self.fold.member.run(block), homes(block)
        if self.states is not None:
            of_block(self.states, block)[:] = states
        hit = rows.compress(states == (0 if self.fold.function == "household_all" else 2))
        if self.counts:
            np.add.at(self.decided, hit, 1)
        else:
            self.decided[hit] = 2
        unknown = states == 1
        if np.count_nonzero(unknown):
            self.open[rows.compress(unknown)] = 1

    def finish(self) -> None:
        decided, open_ = self.decided, self.open
        if self.counts:
            decided[-1] = 0
            if decided.max() <= np.iinfo(np.int16).max:
                decided = decided.astype(np.int16)
        else:
            np.maximum(decided, open_, out=decided)
            if self.fold.function == "household_all":
                np.subtract(np.uint8(2), decided, out=decided)
            decided[-1] = 1
        open_[-1] = 1
        self.beyond.folded[self.fold] = decided, open_
        if self.fold.kept is not None and self.states is not None:
            self.beyond.kept[self.fold.kept] = self.states
