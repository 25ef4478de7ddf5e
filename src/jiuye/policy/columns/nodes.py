"""What a program is made of: nodes that work out truth, numbers or words for one block of rows.

Truth is a byte, 0 not met, 1 unknown, 2 met: AND is minimum, OR is maximum, NOT is 2 - x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np

from jiuye.policy.columns.layout import Array

T = TypeVar("T")
ONE, TWO = np.uint8(1), np.uint8(2)
LIMIT = np.iinfo(np.int64).max


class Cell(NamedTuple):
    """Integers for one block (one int when the same for all) and where they are unknown (harmless there)."""

    data: Any
    unknown: Any = None  # bool array, True for all, None for nowhere


class Block:
    """Some rows of every column. What several nodes need is worked out once and kept in `memo`."""

    def __init__(self, columns: Mapping[str, Array], size: int) -> None:
        self.columns, self.size = columns, size
        self.memo: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], T]) -> T:
        if key not in self.memo:
            self.memo[key] = make()
        found: T = self.memo[key]
        return found

    def missing(self, name: str) -> Array | None:
        """Where a number, date or month is unknown; None for nowhere."""

        def find() -> Array | None:
            data = self.columns[name]
            unknown = data == np.iinfo(data.dtype).min
            return unknown if unknown.any() else None

        return self.once(("missing", name), find)

    def number(self, name: str) -> Cell:
        """A number, date or month fact as int64."""

        def read() -> Cell:
            if name not in self.columns:
                return Cell(np.zeros(self.size, np.int64), np.ones(self.size, bool))
            data, unknown = self.columns[name], self.missing(name)
            wide = data.astype(np.int64)
            if unknown is not None:
                wide[unknown] = 0
            return Cell(wide, unknown)

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
    """run gives uint8 0/1/2; `always` when it is the same for everybody."""

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
        return Number(lambda block: Cell(value), scale, value)


NEVER = Number(lambda block: Cell(0, True), never=True)


@dataclass(frozen=True, eq=False)
class Text:
    """run gives an index into `words` (-1 = unknown), which may still grow. `always`: the same for all."""

    run: Callable[[Block], Array]
    words: Sequence[str] = ()
    always: str | None = None
    never: bool = False


def shared(run: Callable[[Block], T]) -> Callable[[Block], T]:
    """Worked out once for a block, however many ask for it."""
    key = object()
    return lambda block: block.once(key, lambda: run(block))


# -- truth --------------------------------------------------------


def tri(met: Array, unknown: Array | None) -> Array:
    """Booleans and where they are unknown, as bytes 0/1/2."""
    out = met.view(np.uint8)
    if unknown is None:
        return out << ONE
    open_ = unknown.view(np.uint8)
    return ((out & (open_ ^ ONE)) << ONE) | open_


def reduce(parts: Sequence[Truth], conjunction: bool) -> Truth:
    """AND or OR; parts that are the same for everybody are folded away."""
    deciding, neutral = (0, 2) if conjunction else (2, 0)
    if any(part.always == deciding for part in parts):
        return Truth.constant(deciding)
    left = [part for part in parts if part.always != neutral]
    if len(left) < 2:
        return left[0] if left else Truth.constant(neutral)
    combine = np.minimum if conjunction else np.maximum

    def run(block: Block) -> Array:
        out = combine(left[0].run(block), left[1].run(block))
        for part in left[2:]:
            combine(out, part.run(block), out=out)
        return out

    return Truth(run)


def negate(part: Truth) -> Truth:
    if part.always is not None:
        return Truth.constant(2 - part.always)
    return Truth(lambda block: TWO - part.run(block))


def choose_truth(test: Truth, body: Truth, orelse: Truth, strict: bool) -> Truth:
    """body if test else orelse. Open test: open, unless the branches agree (never when `strict`)."""
    if test.always is not None and test.always != 1:
        return body if test.always else orelse

    def run(block: Block) -> Array:
        t, a, b = test.run(block), body.run(block), orelse.run(block)
        if strict:
            return np.where(t == 2, a, np.where(t == 0, b, ONE))
        out = np.maximum(np.minimum(t, a), np.minimum(TWO - t, b))
        return np.maximum(out, np.minimum(a, b))

    return Truth(run)


# -- numbers --------------------------------------------------------


def either(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return a | b


def extent(data: Any) -> int:
    """The largest distance from 0."""
    if isinstance(data, int):
        return abs(data)
    return max(abs(int(data.min())), abs(int(data.max()))) if data.size else 0


def fits(bound: int) -> None:
    if bound > LIMIT:
        raise OverflowError("the numbers of these columns are too large to be worked out exactly")


def rescale(number: Number, scale: int) -> Number:
    """The same numbers with more decimal places."""
    if number.scale == scale or number.never:
        return number
    factor = 10 ** (scale - number.scale)
    if number.always is not None:
        return Number.constant(number.always * factor, scale)

    def run(block: Block) -> Cell:
        cell = number.run(block)
        fits(extent(cell.data) * factor)
        return Cell(cell.data * factor, cell.unknown)

    return Number(run, scale)


def align(*numbers: Number) -> list[Number]:
    scale = max(number.scale for number in numbers)
    return [rescale(number, scale) for number in numbers]


def strict(function: Callable[..., tuple[Any, Any]], numbers: Sequence[Number], scale: int) -> Number:
    """A function of numbers, unknown where one of them is (or where the function says so)."""
    if any(number.never for number in numbers):
        return NEVER
    if all(number.always is not None for number in numbers):
        data, unknown = function(*(np.array([number.always], np.int64) for number in numbers))
        return NEVER if unknown is not None and np.any(unknown) else Number.constant(int(data[0]), scale)

    def run(block: Block) -> Cell:
        cells = [number.run(block) for number in numbers]
        data, unknown = function(*(cell.data for cell in cells))
        for cell in cells:
            unknown = either(unknown, cell.unknown)
        return Cell(data, unknown)

    return Number(shared(run), scale)


def choose_number(test: Truth, body: Number, orelse: Number, exacting: bool) -> Number:
    """Like choose_truth."""
    if test.always is not None and test.always != 1:
        return body if test.always else orelse
    body, orelse = align(body, orelse)

    def run(block: Block) -> Cell:
        t, (a, ua), (b, ub) = test.run(block), body.run(block), orelse.run(block)
        data = np.where(t == 2, a, b)
        open_: Any = True if exacting else either(either(ua, ub), a != b)
        unknown = np.where(t == 2, ua is not None and ua, np.where(t == 0, ub is not None and ub, open_))
        return Cell(data, unknown if unknown.any() else None)

    return Number(shared(run), max(body.scale, orelse.scale))


# -- words --------------------------------------------------------


@dataclass(eq=False)
class Vocabulary:
    """One numbering of all words of a program, for words that come from several facts."""

    words: list[str] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)

    def number(self, word: str) -> int:
        if word not in self.index:
            self.index[word] = len(self.words)
            self.words.append(word)
        return self.index[word]

    def common(self, text: Text) -> Text:
        """The same words in this numbering."""
        if text.never or text.words is self.words:
            return text
        if text.always is not None:
            place = self.number(text.always)
            return Text(lambda block: np.full(block.size, place, np.int64), self.words, text.always)

        def run(block: Block) -> Array:
            # -1 takes the last entry: unknown
            own = text.run(block)
            places = np.array([*(self.number(word) for word in text.words), -1], dtype=np.int64)
            return places.take(own)

        return Text(shared(run), self.words)


NO_TEXT = Text(lambda block: np.full(block.size, -1, np.int64), never=True)


def word_test(text: Text, test: Callable[[str], bool]) -> Truth:
    """A condition on the word alone: worked out once per word."""
    if text.never:
        return Truth.constant(1)
    if text.always is not None:
        return Truth.constant(2 * test(text.always))

    def run(block: Block) -> Array:
        places = text.run(block)  # first: the words may grow
        states = np.array([*(2 * test(word) for word in text.words), 1], dtype=np.uint8)
        return states.take(places)

    return Truth(run)


def word_number(text: Text, entries: Callable[[str], int | None], scale: int) -> Number:
    """A number looked up by the word; unknown where there is none."""

    def run(block: Block) -> Cell:
        place = text.run(block)  # first: the words may grow
        found = [*(entries(word) for word in text.words), None]
        values = np.array([0 if entry is None else entry for entry in found], dtype=np.int64)
        missing = np.array([entry is None for entry in found], dtype=bool)
        unknown = missing.take(place)
        return Cell(values.take(place), unknown if unknown.any() else None)

    return Number(shared(run), scale)
