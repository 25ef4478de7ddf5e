"""Some rows of every column, and what is worked out for them: truth, integers, words.

Truth is a byte, 0 not met, 1 unknown, 2 met: AND is minimum, OR is maximum, NOT is 2 - x. Integers are as
narrow as their bounds let them be: a byte costs a fifth of an int64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from jiuye.policy.columns.layout import Array

if TYPE_CHECKING:
    from jiuye.policy.columns.beyond import Beyond

T = TypeVar("T")
ONE, TWO = np.uint8(1), np.uint8(2)
WIDTHS = tuple((np.dtype(of), int(np.iinfo(of).min), int(np.iinfo(of).max))
               for of in (np.int16, np.int32, np.int64))  # fmt: skip


LOWEST = {np.dtype(of): int(np.iinfo(of).min) for of in (np.int8, np.int16, np.int32, np.int64)}


class Cell(NamedTuple):
    """Integers for one block (one int when the same for all) and where they are unknown (harmless there).

    None is unknown within `low` and `high`. unknown: bool array, True for all, None for nowhere.
    """

    data: Any
    unknown: Any = None
    low: int = 0
    high: int = 0

    @staticmethod
    def measured(data: Any, unknown: Any = None) -> Cell:
        """With the bounds that the data have; 0 where unknown."""
        if isinstance(data, int):
            return Cell(data, unknown, data, data)
        if unknown is not None:
            data = np.where(unknown, data.dtype.type(0), data)
        if data.size == 0:
            return Cell(data, unknown)
        return Cell(data, unknown, int(data.min()), int(data.max()))


def width(low: int, high: int) -> np.dtype[Any]:
    """The narrowest integers that hold both. Raises OverflowError."""
    for dtype, least, most in WIDTHS:
        if least <= low and high <= most:
            return dtype
    raise OverflowError("the numbers of these columns are too large to be worked out exactly")


class Block:
    """What several nodes need is worked out once and kept in `memo`.

    start: the first row's place. of_homes: the rows are households.
    """

    def __init__(
        self,
        columns: Mapping[str, Array],
        size: int,
        beyond: Beyond | None = None,
        start: int = 0,
        *,
        of_homes: bool = False,
    ) -> None:
        self.columns, self.size, self.beyond, self.start = columns, size, beyond, start
        self.of_homes = of_homes
        self.memo: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], T]) -> T:
        if key not in self.memo:
            self.memo[key] = make()
        found: T = self.memo[key]
        return found

    def missing(self, name: str) -> Array | None:
        """Where a number, date, month or word is unknown; None for nowhere."""

        def find() -> Array | None:
            data = self.columns[name]
            unknown: Array = data == LOWEST[data.dtype]
            return unknown if np.count_nonzero(unknown) else None

        return self.once(("missing", name), find)

    def no_word(self, name: str) -> Array | None:
        """Where a code or text is unknown; None for nowhere."""

        def find() -> Array | None:
            unknown: Array = self.columns[name] < 0
            return unknown if np.count_nonzero(unknown) else None

        return self.once(("missing", name), find)

    def number(self, name: str) -> Cell:
        """A number, date or month fact."""

        def read() -> Cell:
            if name not in self.columns:
                return Cell(np.zeros(self.size, np.int16), np.ones(self.size, bool))
            data, unknown = self.columns[name], self.missing(name)
            if data.dtype.itemsize < 8:  # the lowest value, where it is unknown, harms nobody
                limits = np.iinfo(data.dtype)
                return Cell(data, unknown, int(limits.min), int(limits.max))
            cell = Cell.measured(data, unknown)
            return cell._replace(data=cell.data.astype(width(cell.low, cell.high)))

        return self.once(("number", name), read)

    def places(self, name: str) -> Array:
        """A text fact's words by number, ready to index with."""

        def read() -> Array:
            if name not in self.columns:
                return np.full(self.size, -1, np.intp)
            return self.columns[name].astype(np.intp)

        return self.once(("places", name), read)

    def full(self, state: int) -> Array:
        return np.full(self.size, state, np.uint8)


@dataclass(frozen=True, eq=False)
class Truth:
    """run gives uint8 0/1/2, not to be written to; `always` when it is the same for everybody."""

    run: Callable[[Block], Array]
    always: int | None = None

    @staticmethod
    def constant(state: int) -> Truth:
        return Truth(lambda block: block.full(state), state)


@dataclass(frozen=True, eq=False)
class Number:
    """Numbers times 10**scale, days or months. `always`: the same for everybody. `never`: unknown for all.

    `fact`: it is nothing but that column.
    """

    run: Callable[[Block], Cell]
    scale: int = 0
    always: int | None = None
    never: bool = False
    fact: str = ""

    @staticmethod
    def constant(value: int, scale: int = 0) -> Number:
        return Number(lambda block: Cell(value, None, value, value), scale, value)


NEVER = Number(lambda block: Cell(0, True), never=True)


@dataclass(frozen=True, eq=False)
class Text:
    """run gives an index into `words` (-1 = unknown), which may still grow. `always`: the same for all.

    `fact`: it is nothing but that column.
    """

    run: Callable[[Block], Array]
    words: Sequence[str] = ()
    always: str | None = None
    never: bool = False
    fact: str = ""


NO_TEXT = Text(lambda block: np.full(block.size, -1, np.int32), never=True)


def shared(run: Callable[[Block], T]) -> Callable[[Block], T]:
    """Worked out once for a block, however many ask for it."""
    key = object()

    def once(block: Block) -> T:
        memo = block.memo
        if key not in memo:
            memo[key] = run(block)
        found: T = memo[key]
        return found

    return once
