"""Nodes about words: tests of a code, numbers looked up by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiuye.policy.columns.blocks import TWO, Block, Cell, Number, Text, Truth, shared, width
from jiuye.policy.columns.layout import Array

FEW = 3  # comparisons that beat a look-up


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
            return Text(lambda block: np.full(block.size, place, np.int32), self.words, text.always)

        def run(block: Block) -> Array:
            # -1 takes the last entry: unknown
            own = text.run(block)
            places = np.array([*(self.number(word) for word in text.words), -1], dtype=np.int32)
            return places.take(own)

        return Text(shared(run), self.words)


def runs(wanted: Sequence[bool]) -> list[tuple[int, int]]:
    """(first, last) of every stretch of wanted places."""
    out: list[tuple[int, int]] = []
    for place, want in enumerate(wanted):
        if want and out and out[-1][1] == place - 1:
            out[-1] = out[-1][0], place
        elif want:
            out.append((place, place))
    return out


def word_test(text: Text, test: Callable[[str], bool]) -> Truth:
    """A condition on the word alone: worked out once per word."""
    if text.never:
        return Truth.constant(1)
    if text.always is not None:
        return Truth.constant(2 * test(text.always))
    kept: list[tuple[list[tuple[int, int]], bool, Array]] = []

    def found() -> tuple[list[tuple[int, int]], bool, Array]:
        """(stretches to compare with, whether they are the words that fail, states by place)."""
        words = text.words
        if not kept or len(kept[0][2]) != len(words) + 1:
            wanted = [test(word) for word in words]
            yes, no = runs(wanted), runs([not want for want in wanted])
            states = np.array([*(2 * want for want in wanted), 1], dtype=np.uint8)
            kept[:] = [(no, True, states) if len(no) < len(yes) else (yes, False, states)]
        return kept[0]

    def run(block: Block) -> Array:
        if not text.fact:
            places = text.run(block)  # first: the words may grow
            return found()[2].take(places)
        if text.fact not in block.columns:
            return block.full(1)
        stretches, failing, states = found()
        if len(stretches) > FEW:
            return states.take(block.places(text.fact))
        return _compared(block, text.fact, stretches, failing, len(states) - 2)

    return Truth(shared(run))


def _compared(block: Block, fact: str, stretches: list[tuple[int, int]], failing: bool, last: int) -> Array:
    column, open_ = block.columns[fact], block.no_word(fact)
    out: Array | None = None
    for first, end in stretches:
        if first == end:
            hit: Array = column == first
        else:
            hit = column >= first
            if end < last:
                hit &= column <= end
        out = hit if out is None else np.bitwise_or(out, hit, out=out)
    state = np.zeros(block.size, np.uint8) if out is None else out.view(np.uint8)
    np.add(state, state, out=state)  # no stretch holds the unknown -1
    if open_ is not None:
        np.bitwise_or(state, open_.view(np.uint8), out=state)
    return np.subtract(TWO, state, out=state) if failing else state


def word_number(text: Text, entries: Callable[[str], int | None], scale: int) -> Number:
    """A number looked up by the word; unknown where there is none."""
    kept: dict[int, tuple[Array, int, int, int]] = {}

    def found(count: int) -> tuple[Array, int, int, int]:
        """(numbers by place, what stands for unknown, low, high)."""
        if count not in kept:
            numbers = [entries(word) for word in text.words]
            known = [number for number in numbers if number is not None]
            low, high = min(known, default=0) - 1, max(known, default=0)
            values: list[Any] = [low if number is None else number for number in [*numbers, None]]
            kept[count] = np.array(values, dtype=width(low, high)), low, low, high
        return kept[count]

    def run(block: Block) -> Cell:
        place = text.run(block)  # first: the words may grow
        values, none, low, high = found(len(text.words))
        data = values.take(place)
        unknown: Array = data == none
        return Cell(data, unknown if np.count_nonzero(unknown) else None, low, high)

    return Number(shared(run), scale)
