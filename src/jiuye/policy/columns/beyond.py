"""What lies beyond a person: the household, folded over all its members, and the employer, looked up.

Members of a household may stand anywhere. What rests on the employer alone is worked out once an employer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jiuye.policy.columns.blocks import Block, Cell, Number, Text, Truth, shared, width
from jiuye.policy.columns.layout import BLOCK, Array, ColumnError

SPREAD = 8  # numbers of households this many times as far apart as there are rows are numbered anew


@dataclass(frozen=True, eq=False)
class Fold:
    """`household_any` and the like of one condition. `level`: how many folds it rests on, itself included."""

    function: str
    member: Truth
    level: int

    def truth(self) -> Truth:
        def run(block: Block) -> Array:
            found = None if block.beyond is None else block.beyond.folded.get(self)
            return block.full(1) if found is None else found[0].take(homes(block))

        return Truth(shared(run))

    def number(self) -> Number:
        def run(block: Block) -> Cell:
            found = None if block.beyond is None else block.beyond.folded.get(self)
            if found is None:
                return Cell(np.zeros(block.size, np.int16), np.ones(block.size, bool))
            counts, open_ = found
            unknown = open_.take(homes(block)).view(bool)
            return Cell(counts.take(homes(block)), unknown if unknown.any() else None, 0, int(counts.max()))

        return Number(shared(run))


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
            return Cell(data, unknown if unknown.any() else None, low, high)

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

    def fold(self, folds: Sequence[Fold], blocks: Callable[[], Any]) -> None:
        """Work out folds of one level over all blocks."""
        if self.household is None:
            return
        room = self.households + 1  # the last one takes those of no household
        taken = {
            fold: (np.zeros(room, np.int32 if fold.function == "household_count" else np.uint8),
                   np.zeros(room, np.uint8))
            for fold in folds
        }  # fmt: skip
        for block in blocks():
            for fold, (decided, open_) in taken.items():
                states, rows = fold.member.run(block), homes(block)
                hit = rows.compress(states == (0 if fold.function == "household_all" else 2))
                if fold.function == "household_count":
                    np.add.at(decided, hit, 1)
                else:
                    decided[hit] = 2
                unknown = states == 1
                if unknown.any():
                    open_[rows.compress(unknown)] = 1
        for fold, (decided, open_) in taken.items():
            if fold.function != "household_count":
                np.maximum(decided, open_, out=decided)
                if fold.function == "household_all":
                    np.subtract(np.uint8(2), decided, out=decided)
                decided[-1] = 1
            else:
                decided[-1] = 0
                if decided.max() <= np.iinfo(np.int16).max:
                    decided = decided.astype(np.int16)
            open_[-1] = 1
            self.folded[fold] = decided, open_

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
