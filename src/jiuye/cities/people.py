"""People and employers as columns, from wherever they come; one of them as facts again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from jiuye.policy import Law
from jiuye.policy.columns import Program
from jiuye.policy.columns.layout import EPOCH, NULL_DAY, NULL_LIST, Array, encode, scale_of
from jiuye.policy.values import Month, Value


@dataclass
class Rows:
    """Persons or employers. `columns` are laid out as jiuye.policy.columns says, `words` are those of text
    and list columns in the order of their numbers. `groups`: kind of group -> the key of each row's group.
    """

    ids: Sequence[str]
    columns: dict[str, Array]
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    _grouped: dict[str, tuple[Array, Array]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def grouped(self, group: str) -> tuple[Array, Array]:
        """The keys of a kind of group, and each row's place among them; worked out once."""
        if group not in self._grouped:
            self._grouped[group] = np.unique(np.array(self.groups[group], np.str_), return_inverse=True)
        return self._grouped[group]

    def facts(self, law: Law, row: int) -> dict[str, Value]:
        """One row as explain reads it; what that law doesn't know is left out."""
        found: dict[str, Value] = {}
        for name, column in self.columns.items():
            if name in law.facts:
                value = value_at(law, name, column[row], self.words)
                if value is not None:
                    found[name] = value
        return found

    def for_program(self, program: Program, names: frozenset[str]) -> dict[str, Array]:
        """The columns that a program reads, their words numbered as it numbers them."""
        return {
            name: _renumbered(program, name, column, self.words.get(name, ()))
            for name, column in self.columns.items()
            if name in names and name in program.law.facts
        }


@dataclass
class People(Rows):
    """household: equal numbers live together, -1: not known. employer: row in `employers`, -1: none.

    supposed: facts that were filled where unknown, and for how many people.
    """

    household: Array | None = None
    employer: Array | None = None
    employers: Rows | None = None
    supposed: dict[str, int] = field(default_factory=dict)

    def suppose(self, law: Law, values: Mapping[str, Value]) -> None:
        """Fill what isn't known of anybody with these values; of how many stays in `supposed`."""
        for name, value in values.items():
            if name in self.columns:
                words = list(self.words.get(name, ()))
                one = encode(law.facts[name].type, words, [value])[0]
                column = self.columns[name]
                open_ones = column == encode(law.facts[name].type, words, [None])[0].astype(column.dtype)
                self.supposed[name] = int(open_ones.sum())
                self.columns[name] = np.where(open_ones, one, column).astype(column.dtype)

    def others(self, law: Law, row: int) -> list[dict[str, Any]] | None:
        """Facts of the other members of a household, each with those of their employer; None: not known."""
        if self.household is None or self.household[row] < 0:
            return None
        found: list[dict[str, Any]] = []
        for other in self._homes[int(self.household[row])]:
            if other != row:
                facts: dict[str, Any] = dict(self.facts(law, other))
                theirs = self.works_for(law, other)
                found.append(facts if theirs is None else facts | {"employer": theirs})
        return found

    def works_for(self, law: Law, row: int) -> dict[str, Value] | None:
        """Facts of the employer; None without one."""
        if self.employers is None or self.employer is None or self.employer[row] < 0:
            return None
        return self.employers.facts(law, int(self.employer[row]))

    @cached_property
    def _homes(self) -> dict[int, list[int]]:
        """household -> its rows"""
        assert self.household is not None
        homes: dict[int, list[int]] = {}
        for row in np.argsort(self.household, kind="stable"):
            homes.setdefault(int(self.household[row]), []).append(int(row))
        return homes


class Source(Protocol):
    """Where people come from: registers, files."""

    def read(self, on: date, names: frozenset[str], employer_names: frozenset[str]) -> People:
        """Everybody with these facts, as far as they are there, as of a day."""
        ...


def value_at(law: Law, name: str, raw: Any, words: Mapping[str, Sequence[str]]) -> Value:
    """A cell of a column as a value; None = unknown, or a code that this law hasn't."""
    of = law.facts[name].type
    number = int(raw)
    match of.kind:
        case "bool":
            return None if number == 1 else number == 2
        case "date":
            return None if number == NULL_DAY else EPOCH + timedelta(days=number)
        case "month":
            return None if number == NULL_DAY else Month(number)
        case "text":
            word = None if number < 0 else words[name][number]
            return None if of.codes and word not in law.codes[of.codes] else word
        case "list":
            if number & int(NULL_LIST):
                return None
            listed = tuple(word for place, word in enumerate(words[name]) if number >> place & 1)
            return None if of.codes and not set(listed) <= set(law.codes[of.codes]) else listed
    if number == np.iinfo(raw.dtype).min:
        return None
    return number if of.exact else Decimal(number).scaleb(-scale_of(of))


def _renumbered(program: Program, name: str, column: Array, words: Sequence[str]) -> Array:
    """Where two laws (or a file and a law) number the words of a fact differently."""
    of = program.law.facts[name].type
    theirs = program.words.get(name, [])
    if of.kind not in ("text", "list") or list(words) == theirs[: len(words)]:
        return column
    if of.kind == "list":
        return program.encode(name, [value_at(program.law, name, cell, {name: words}) for cell in column])
    if not of.codes:
        theirs += [word for word in words if word not in theirs]
    place = {word: number for number, word in enumerate(theirs)}
    index = np.array([*(place.get(word, -1) for word in words), -1], np.int16)
    return index[column]
