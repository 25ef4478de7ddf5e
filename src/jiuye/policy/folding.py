"""What a law leaves to be worked out at one date, the same for every reader of whole populations.

What depends on nobody is a constant, worked out by the one-case reader. What depends on one date and a few
codes can be worked out beforehand.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any, NamedTuple, Protocol

from jiuye.policy.errors import NotColumnar
from jiuye.policy.explain import Case
from jiuye.policy.language import FUNCTIONS
from jiuye.policy.law import Law
from jiuye.policy.parts import Rule
from jiuye.policy.spans import LIMITS, MET, NOT_MET, OPEN, At, Read, Spans
from jiuye.policy.values import Value

LANGUAGE = {*FUNCTIONS, "min", "max", "on", "unknown"}
OVER_HOUSEHOLD = frozenset({"household_any", "household_all", "household_count"})
EMPLOYER, HOUSEHOLD = "employer.", "household."
MOST_GROUPS = 32  # combinations of codes worth working out one by one
MOST_STEPS, MOST_LOOKS = 6, 400  # more changes over the days than that aren't cut-offs any more

Facts = frozenset[str]
NOBODY: Facts = frozenset()


@dataclass(frozen=True)
class Shape:
    """`fact`, a date or month, by the small facts `groups` with so many states each (unknown included)."""

    fact: str
    kind: str
    groups: tuple[tuple[str, str, int], ...]  # (name, bool | text, states)


_ALONE = {NOT_MET: 0, OPEN: 1, MET: 2}
Row = tuple[int, tuple[tuple[int, int], ...]]


def names_in(node: Any) -> Iterator[tuple[str, str]]:
    """What an expression reads, as (whose, name): "" its own, `employer.` or `household.`."""
    match node:
        case ast.Name(id=name):
            if name not in LANGUAGE:
                yield "", name
        case ast.Attribute(attr=name):
            yield EMPLOYER, name
        case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name)]) if function in OVER_HOUSEHOLD:
            yield HOUSEHOLD, name
        case ast.Call(args=args):
            for arg in args:
                yield from names_in(arg)
        case _:
            for part in ast.iter_child_nodes(node):
                yield from names_in(part)


def bodies(rule: Rule) -> Iterator[Any]:
    """The trees that a rule's answer rests on."""
    for item in (rule.given, rule.otherwise, rule.value):
        if item is not None:
            yield item.body
    if rule.condition:
        for item in rule.condition.expressions():
            yield item.body


@dataclass(frozen=True)
class Steps:
    """A truth as it goes over all days of the calendar: for each combination of the groups (in the order of
    `states`) its state while the day is unknown, and from which days on it is which.

    Days since 1970, or months since year 0; the first step begins with the calendar.
    """

    shape: Shape
    rows: tuple[Row, ...]


class Stretch(NamedTuple):
    """A truth from one day to another."""

    low: int
    high: int
    steps: Sequence[tuple[int, int]]


class Table(Protocol):
    """What the reader of columns found for each combination of the groups."""

    def steps(self, number: int) -> Stretch:
        """Of one combination, in their order."""


class Folding:
    """One law at one date."""

    def __init__(self, law: Law, on: date) -> None:
        self.law, self.on = law, on
        self.constants = Case(law, {})
        self._facts: dict[str, Facts] = {}

    def facts_of(self, name: str) -> Facts:
        """The facts behind a name: `name` of the case itself, `employer.name`, `household.name` of members.

        `household` stands for the household being known at all.
        """
        if name in self.law.facts:
            return frozenset([name])
        if name not in self.law.rules:
            return NOBODY
        if name not in self._facts:
            rule = self.law.rule_at(name, self.on)
            found = (self.facts_in(body) for body in bodies(rule)) if rule else ()
            self._facts[name] = NOBODY.union(*found)
        return self._facts[name]

    def facts_in(self, node: Any) -> Facts:
        """The facts behind an expression, as in `facts_of`."""
        out: set[str] = set()
        for whose, name in names_in(node):
            if whose == HOUSEHOLD:
                out.add("household")
            out.update(whose + fact for fact in self.facts_of(name))
        return frozenset(out)

    def folded(self, node: Any) -> tuple[Value] | None:
        """The node's value, in a tuple, when it is the same for everybody."""
        if self.facts_in(node):
            return None
        return (self.constants.evaluate(node, self.on).value,)

    def rule_at(self, name: str) -> Rule | None:
        """What stands at the date. Raises NotColumnar for a schedule."""
        rule = self.law.rule_at(name, self.on)
        if rule is not None and rule.schedule is not None:
            raise NotColumnar(f"{rule.where}: {name} is a schedule; its months are asked one case at a time")
        return rule

    def heavy(self, node: Any) -> bool:
        """Whether a look-up beats working it out."""
        for part in ast.walk(node):
            match part:
                case ast.Call() | ast.BinOp() | ast.IfExp() | ast.Subscript():
                    return True
                case ast.Name(id=name) if name in self.law.rules:
                    rule = self.law.rule_at(name, self.on)
                    if rule is not None and any(self.heavy(body) for body in bodies(rule)):
                        return True
        return False

    def shape(self, node: Any) -> Shape | None:
        """One date of the case itself and a few of its codes, if it depends on no more and is heavy."""
        days, groups, size = [], [], 1
        for name in sorted(self.facts_in(node)):
            if name not in self.law.facts:
                return None
            of = self.law.facts[name].type
            if of.kind in ("date", "month"):
                days.append((name, of.kind))
            elif of.kind == "bool" or (of.kind == "text" and of.codes):
                states = 3 if of.kind == "bool" else len(self.law.codes[of.codes or ""]) + 1
                groups.append((name, of.kind, states))
                size *= states
            else:
                return None
        if len(days) != 1 or size > MOST_GROUPS or not self.heavy(node):
            return None
        return Shape(*days[0], tuple(groups))

    def steps(self, node: Any, table: Callable[[], Table] | None = None) -> Steps | None:
        """A truth as plain cut-offs, if its shape is that of one date, over the whole calendar.

        `table`: makes what the reader of columns found for every day of a stretch; only the days before and
        after it are looked at then.
        """
        shape = self.shape(node)
        if shape is None:
            return None
        spans = Spans(
            shape.fact,
            frozenset(name for name, _, _ in shape.groups),
            self.folded,
            self.rule_at,
            self.law.add_working_days,
        )
        try:
            truth = spans.truth(node)
            rows: list[Row] = []
            known = None if table is None else table()
            for number, codes in enumerate(self.combinations(shape)):
                part = None if known is None else known.steps(number)
                row = self._row(truth, shape, codes, part, rows[-1] if rows else None)
                if row is None:
                    return None
                rows.append(row)
        except NotColumnar:
            return None
        return Steps(shape, tuple(rows))

    def combinations(self, shape: Shape) -> Iterator[dict[str, Any]]:
        """What the groups can be, in the order of their states: those of a truth; unknown and each word."""
        every = []
        for name, kind, _ in shape.groups:
            words = self.law.codes[self.law.facts[name].type.codes or ""] if kind == "text" else ()
            every.append([False, None, True] if kind == "bool" else [None, *words])
        for values in product(*every):
            yield dict(zip((name for name, _, _ in shape.groups), values, strict=True))

    def _row(
        self, truth: Read, shape: Shape, codes: dict[str, Any], known: Stretch | None, before: Row | None
    ) -> Row | None:
        """Halves the calendar until each part of it says one thing; None where that takes too long.

        known: a stretch of it that is worked out already. before: of other codes, which often holds again.
        """
        first, last = LIMITS[shape.kind]
        unknown = _ALONE[truth(At(None, codes))]
        if before is not None and before[0] == unknown and self._holds(truth, before[1], last, codes):
            return before
        steps: list[tuple[int, int]] = []
        waiting = [(first, last)]
        if known is not None:
            waiting = [(known.high + 1, last), (known.low, known.high), (first, known.low - 1)]
        for _ in range(MOST_LOOKS):
            low, high = waiting.pop()
            if known is not None and low == known.low:
                found = list(known.steps)
            else:
                states = truth(At((low, high), codes))
                if states not in _ALONE:
                    middle = (low + high) // 2
                    waiting += [(middle + 1, high), (low, middle)]
                    continue
                found = [(low, _ALONE[states])]
            for start, state in found:
                if not steps or steps[-1][1] != state:
                    steps.append((start, state))
            if len(steps) > MOST_STEPS:
                return None
            if not waiting:
                return unknown, tuple(steps)
        return None

    @staticmethod
    def _holds(truth: Read, steps: Sequence[tuple[int, int]], last: int, codes: dict[str, Any]) -> bool:
        ends = [*(start - 1 for start, _ in steps[1:]), last]
        return all(
            truth(At((start, end), codes)) == 1 << state
            for (start, state), end in zip(steps, ends, strict=True)
        )
