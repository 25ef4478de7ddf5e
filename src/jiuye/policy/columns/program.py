"""Rules prepared for a whole population at one date."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from jiuye.policy.columns.compiler import Compiler
from jiuye.policy.columns.layout import (
    BLOCK,
    NULL_NUMBER,
    Array,
    ColumnError,
    ColumnResult,
    check_column,
    encode,
)
from jiuye.policy.columns.nodes import Block, Number, Text, Truth
from jiuye.policy.law import Law
from jiuye.policy.parts import Rule
from jiuye.policy.values import Value


class Program:
    """Rules of a law folded at one date. `run(columns)` answers for all rows, in blocks that stay in cache.

    facts: the columns it reads. words: the words of each text and list fact, in the order of their numbers.
    cutoffs: the plain day limits that ages became. Raises NotColumnar when a rule can't be asked this way.
    """

    def __init__(self, law: Law, rules: Sequence[str], on: date) -> None:
        self.law, self.on, self.rules = law, on, list(rules)
        self.words: dict[str, list[str]] = {
            name: list(law.codes.get(fact.type.codes or "", ()))
            for name, fact in law.facts.items()
            if fact.type.kind in ("text", "list")
        }
        compiler = Compiler(law, on, self.words)
        self.facts: frozenset[str] = frozenset().union(*(compiler.facts_of(name) for name in rules))
        self.answers = {name: _Answer(compiler, name) for name in rules}
        self.cutoffs = [str(cut) for cut in compiler.cutoffs]

    def encode(self, name: str, values: Sequence[Value]) -> Array:
        """Python values (None = unknown) as the column this program reads. Raises FactError."""
        return encode(self.law.facts[name].type, self.words.get(name, []), values)

    def run(self, columns: Mapping[str, Array], size: int | None = None) -> dict[str, ColumnResult]:
        """Every rule for every row. A fact without a column is unknown for all; `size` is needed without any.

        Raises ColumnError for a column of the wrong dtype or length, and OverflowError rather than give a
        wrong number.
        """
        size = self._size(columns, size)
        used = {name: columns[name] for name in self.facts if name in columns}
        out = {name: answer.empty(size) for name, answer in self.answers.items()}
        for start in range(0, size, BLOCK):
            end = min(start + BLOCK, size)
            block = Block({name: column[start:end] for name, column in used.items()}, end - start)
            for name, answer in self.answers.items():
                answer.fill(block, slice(start, end), *out[name])
        return {name: answer.result(*out[name]) for name, answer in self.answers.items()}

    def _size(self, columns: Mapping[str, Array], size: int | None) -> int:
        for name, column in columns.items():
            if name not in self.law.facts:
                raise ColumnError(f"column {name}: no fact is called so")
            if name in self.facts:
                check_column(name, self.law.facts[name].type, column)
            if size is not None and len(column) != size:
                raise ColumnError(f"column {name}: {len(column)} rows, not {size}")
            size = len(column)
        if size is None:
            raise ColumnError("neither columns nor a size")
        return size


class _Answer:
    """One rule's state and value."""

    def __init__(self, compiler: Compiler, name: str) -> None:
        self.of = compiler.law.rules[name][0].type
        self.guard: Truth | None = None
        self.truth: Truth | None = None
        self.value: Truth | Number | Text | None = None
        rule: Rule | None = compiler.rule_at(name)
        node: Any = ast.Name(id=name, ctx=ast.Load())
        node.t = self.of
        if rule is None:
            self.truth = Truth.constant(1)
        elif rule.condition is not None:
            self.truth = compiler.truth(node)
        else:
            if rule.given is not None:
                self.guard = compiler.truth(rule.given.body)
            match self.of.kind:
                case "bool" | "unknown":
                    self.value = compiler.truth(node)
                case "text":
                    self.value = compiler.vocabulary.common(compiler.text(node))
                case _:
                    self.value = compiler.number(node)

    def empty(self, size: int) -> tuple[Array, Array | None]:
        return np.empty(size, np.uint8), None if self.value is None else np.empty(size, np.int64)

    def fill(self, block: Block, at: slice, states: Array, values: Array | None) -> None:
        if self.truth is not None:
            states[at] = self.truth.run(block)
            return
        assert values is not None
        data, unknown = self.raw(block)
        values[at] = data
        states[at] = 2
        if unknown is not None:
            np.putmask(values[at], unknown, NULL_NUMBER)
            states[at] -= unknown
        if self.guard is not None:
            np.minimum(states[at], self.guard.run(block), out=states[at])

    def raw(self, block: Block) -> tuple[Any, Array | None]:
        """(numbers, where unknown)."""
        match self.value:
            case Truth():
                truth = self.value.run(block)
                return truth >> 1, truth == 1
            case Text():
                places = self.value.run(block)
                return places, places < 0
        assert isinstance(self.value, Number)
        data, unknown = self.value.run(block)
        return data, np.ones(block.size, bool) if unknown is True else unknown

    def result(self, states: Array, values: Array | None) -> ColumnResult:
        scale = self.value.scale if isinstance(self.value, Number) else 0
        words = tuple(self.value.words) if isinstance(self.value, Text) else ()
        return ColumnResult(states, values, scale, words, self.of)
