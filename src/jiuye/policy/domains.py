"""Sets of values that a condition leaves open: words and intervals, what two have in common or cover."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """These words, or with `outside` every other one. True and false are words as well."""

    words: frozenset[str]
    outside: bool = False

    @property
    def empty(self) -> bool:
        return not self.words and not self.outside

    def meet(self, other: Words) -> Words:
        if self.outside and other.outside:
            return Words(self.words | other.words, True)
        if self.outside:
            return Words(other.words - self.words)
        return Words(self.words - other.words if other.outside else self.words & other.words)

    def join(self, other: Words) -> Words:
        if self.outside and other.outside:
            return Words(self.words & other.words, True)
        if self.outside:
            return Words(self.words - other.words, True)
        return Words(other.words - self.words, True) if other.outside else Words(self.words | other.words)


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`; None is no limit; `open_low`, `open_high`: without the limit itself."""

    low: Any = None
    high: Any = None
    open_low: bool = False
    open_high: bool = False

    @classmethod
    def of(cls, op: type[ast.cmpop], value: Any) -> Interval | None:
        """The values x with `x op value`; None when that is no interval."""
        if op is ast.Eq:
            return cls(value, value)
        if op in (ast.Gt, ast.GtE):
            return cls(low=value, open_low=op is ast.Gt)
        if op in (ast.Lt, ast.LtE):
            return cls(high=value, open_high=op is ast.Lt)
        return None

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return bool(self.low > self.high or (self.low == self.high and (self.open_low or self.open_high)))

    def meet(self, other: Interval) -> Interval:
        low, open_low = _tighter(self.low, self.open_low, other.low, other.open_low, 1)
        high, open_high = _tighter(self.high, self.open_high, other.high, other.open_high, -1)
        return Interval(low, high, open_low, open_high)

    def join(self, other: Interval) -> Interval:
        """The smallest interval with both in it."""
        low, open_low = _wider(self.low, self.open_low, other.low, other.open_low, -1)
        high, open_high = _wider(self.high, self.open_high, other.high, other.open_high, 1)
        return Interval(low, high, open_low, open_high)


Domain = Words | Interval
Open = dict[str, Domain]


def _tighter(a: Any, open_a: bool, b: Any, open_b: bool, sign: int) -> tuple[Any, bool]:
    if a is None or b is None:
        return (b, open_b) if a is None else (a, open_a)
    if a == b:
        return a, open_a or open_b
    return (a, open_a) if (a > b) == (sign > 0) else (b, open_b)


def _wider(a: Any, open_a: bool, b: Any, open_b: bool, sign: int) -> tuple[Any, bool]:
    if a is None or b is None:
        return None, False
    if a == b:
        return a, open_a and open_b
    return (a, open_a) if (a > b) == (sign > 0) else (b, open_b)


def meet(a: Open | None, b: Open) -> Open | None:
    """What both leave open; None when that is nothing for some term."""
    if a is None:
        return None
    out = dict(a)
    for term, domain in b.items():
        mine = out.get(term)
        if mine is None:
            out[term] = domain
        elif type(mine) is type(domain):
            out[term] = mine.meet(domain)  # type: ignore[arg-type]
        if out[term].empty:
            return None
    return out


def join(a: Open, b: Open) -> Open:
    """What one of the two leaves open: only of the terms both speak of."""
    out: Open = {}
    for term in a.keys() & b.keys():
        mine, other = a[term], b[term]
        if type(mine) is type(other):
            out[term] = mine.join(other)  # type: ignore[arg-type]
    return out
