"""Rules prepared for a whole population at one date."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from jiuye.policy.columns.beyond import Beyond, Fold
from jiuye.policy.columns.blocks import LOWEST, TWO, Block, Cell, Number, Text, Truth
from jiuye.policy.columns.compiler import Compiler, words_of
from jiuye.policy.columns.layout import (
    BLOCK,
    Array,
    ColumnError,
    ColumnResult,
    check_column,
    encode,
)
from jiuye.policy.columns.memory import keep_freed
from jiuye.policy.folding import EMPLOYER
from jiuye.policy.law import Law
from jiuye.policy.parts import OF_EMPLOYER
from jiuye.policy.values import Value

Columns = Mapping[str, Array]


class Program:
    """Rules of a law folded at one date. `run(columns)` answers for all rows, in blocks that stay in cache.

    Rows are people; when every rule is about an employer they are employers (`of_employers`). facts: the
    columns it reads. employer_facts: those it reads of the employers of people. asks_household: whether it
    matters who lives together. words: the words of each text and list fact, in the order of their numbers.
    cutoffs: the plain day limits that ages became. Raises NotColumnar when a rule can't be asked this way.
    """

    def __init__(self, law: Law, rules: Sequence[str], on: date) -> None:
        self.law, self.on, self.rules = law, on, list(rules)
        self.words = words_of(law)
        compiler = Compiler(law, on, self.words)
        entities = {law.rules[name][-1].entity for name in rules}
        self.of_employers = compiler.of_employers = entities == {OF_EMPLOYER}
        nodes = {name: self._node(name, compiler.of_employers) for name in rules}
        read: frozenset[str] = frozenset().union(*(compiler.facts_in(node) for node in nodes.values()))
        theirs = frozenset(name.rpartition(".")[2] for name in read if EMPLOYER in name)
        own = frozenset(name.rpartition(".")[2] for name in read if EMPLOYER not in name)
        self.asks_household = "household" in read
        self.facts: frozenset[str] = own - {"household"}
        self.employer_facts: frozenset[str] = theirs
        self.answers = {name: _Answer(compiler, name, node) for name, node in nodes.items()}
        self.cutoffs = [str(cut) for cut in compiler.cutoffs]
        levels = {name: compiler.level(name) for name in rules}
        folds = list(compiler.folds.values())
        # people are gone through once for each fold within a fold, and once more for what rests on the last
        self._passes: list[tuple[list[str], list[Fold]]] = [
            (
                [name for name in self.answers if levels[name] == level],
                [fold for fold in folds if fold.level == level + 1],
            )
            for level in range(max([0, *levels.values(), *(fold.level for fold in folds)]) + 1)
        ]

    def _node(self, name: str, of_employers: bool) -> Any:
        """A rule as others name it."""
        node: Any = ast.Name(id=name, ctx=ast.Load())
        if self.law.rules[name][-1].entity == OF_EMPLOYER and not of_employers:
            node = ast.Attribute(value=ast.Name(id="employer", ctx=ast.Load()), attr=name, ctx=ast.Load())
        node.t = self.law.rules[name][0].type
        return node

    def encode(self, name: str, values: Sequence[Value]) -> Array:
        """Python values (None = unknown) as the column this program reads. Raises FactError."""
        return encode(self.law.facts[name].type, self.words.get(name, []), values)

    def room(self, size: int, widths: Mapping[str, Any] | None = None) -> dict[str, ColumnResult]:
        """Empty answers, to be handed to `run` again and again: fresh memory costs more than most rules.

        widths: integers narrower than int64 for the values of some rules.
        """
        return {
            name: answer.room(size, (widths or {}).get(name, np.int64))
            for name, answer in self.answers.items()
        }

    def run(
        self,
        columns: Columns,
        size: int | None = None,
        *,
        household: Array | None = None,
        employer: Array | None = None,
        employers: Columns | None = None,
        room: dict[str, ColumnResult] | None = None,
        block: int = BLOCK,
    ) -> dict[str, ColumnResult]:
        """Every rule for every row. A fact without a column is unknown for all; `size` is needed without any.

        household: a number for each row, the same for all members, wherever they stand; -1: not known.
        employer: each row's place in the columns `employers`; -1: none given. room: where the answers go.

        Raises ColumnError for a column of the wrong dtype or length, and OverflowError rather than give a
        wrong number.
        """
        size = self._size(columns, size, self.facts)
        count = self._size(employers, None, self.employer_facts) if employers else 0
        used = {name: columns[name] for name in self.facts if name in columns}
        theirs = {name: column for name, column in (employers or {}).items() if name in self.employer_facts}
        if not self.asks_household:
            household = None
        if size > block:
            keep_freed()
        beyond = Beyond(size, household, employer if theirs else None, theirs, count)

        def blocks() -> Iterator[Block]:
            for start in range(0, size, block):
                end = min(start + block, size)
                part = {name: column[start:end] for name, column in used.items()}
                yield Block(part, end - start, beyond, start)

        out = self.room(size) if room is None else room
        for names, folds in self._passes if household is not None else [(self.rules, [])]:
            taking = beyond.taking(folds)
            for part in blocks():
                at = slice(part.start, part.start + part.size)
                for name in names:
                    self.answers[name].fill(part, out[name].state[at], out[name].value, at)
                for fold in taking:
                    fold.add(part)
            for fold in taking:
                fold.finish()
        return {name: answer.named(out[name]) for name, answer in self.answers.items()}

    def _size(self, columns: Columns, size: int | None, read: frozenset[str]) -> int:
        for name, column in columns.items():
            if name not in self.law.facts:
                raise ColumnError(f"column {name}: no fact is called so")
            if name in read:
                check_column(name, self.law.facts[name].type, column)
            if size is not None and len(column) != size:
                raise ColumnError(f"column {name}: {len(column)} rows, not {size}")
            size = len(column)
        if size is None:
            raise ColumnError("neither columns nor a size")
        return size


class _Answer:
    """One rule's state and value."""

    def __init__(self, compiler: Compiler, name: str, node: Any) -> None:
        self.of = node.t
        self.guard: Truth | None = None
        self.truth: Truth | None = None
        self.value: Truth | Number | Text | None = None
        rule = compiler.rule_at(name)
        if rule is None:
            self.truth = Truth.constant(1)
        elif rule.condition is not None:
            self.truth = compiler.truth(node)
        else:
            if rule.given is not None:
                theirs = isinstance(node, ast.Attribute)
                body = rule.given.body
                self.guard = (
                    compiler.firm_truth(compiler.firms.truth(body)) if theirs else compiler.truth(body)
                )
            match self.of.kind:
                case "bool" | "unknown":
                    self.value = compiler.truth(node)
                case "text":
                    self.value = compiler.vocabulary.common(compiler.text(node))
                case _:
                    self.value = compiler.number(node)

    def room(self, size: int, dtype: Any) -> ColumnResult:
        value = None if self.value is None else np.empty(size, dtype)
        return self.named(ColumnResult(np.empty(size, np.uint8), value))

    def fill(self, block: Block, states: Array, values: Array | None, at: slice) -> None:
        if self.truth is not None:
            states[:] = self.truth.run(block)
            return
        assert values is not None
        part = values[at]
        data, unknown = self.raw(block, part.dtype)
        part[:] = data
        if unknown is None:
            states[:] = 2
        else:
            _seal(part, unknown)
            np.subtract(TWO, unknown.view(np.uint8), out=states)
        if self.guard is not None:
            np.minimum(states, self.guard.run(block), out=states)

    def raw(self, block: Block, dtype: Any) -> tuple[Any, Array | None]:
        """(numbers that fit, where unknown)."""
        match self.value:
            case Truth():
                truth = self.value.run(block)
                return truth >> 1, truth == 1
            case Text():
                places = self.value.run(block)
                return places, places < 0
        assert isinstance(self.value, Number)
        cell = self.value.run(block)
        lowest = LOWEST[dtype]
        if cell.low < lowest or cell.high > ~lowest:
            cell = Cell.measured(cell.data, cell.unknown)
        if cell.low < lowest or cell.high > ~lowest:
            raise OverflowError(f"numbers from {cell.low} to {cell.high} don't fit {dtype}")
        return cell.data, np.ones(block.size, bool) if cell.unknown is True else cell.unknown

    def named(self, found: ColumnResult) -> ColumnResult:
        scale = self.value.scale if isinstance(self.value, Number) else 0
        words = tuple(self.value.words) if isinstance(self.value, Text) else ()
        return ColumnResult(found.state, found.value, scale, words, self.of)


def _seal(values: Array, unknown: Array) -> None:
    """The lowest value where unknown, by arithmetic on all."""
    bits = unknown.astype(values.dtype)
    np.bitwise_and(values, bits - values.dtype.type(1), out=values)
    np.left_shift(bits, 8 * values.dtype.itemsize - 1, out=bits)
    np.bitwise_or(values, bits, out=values)
