"""What a law leaves to be worked out at one date, the same for every reader of whole populations.

What depends on nobody is a constant, worked out by the one-case reader. What depends on one date and a few
codes can be worked out beforehand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

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

    def steps(self, node: Any) -> Steps | None:
        """A truth as plain cut-offs, if its shape is that of one date, over the whole calendar."""
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
            for codes in self.combinations(shape):
                row = self._row(truth, shape, codes, rows[-1] if rows else None)
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

    def _row(self, truth: Read, shape: Shape, codes: dict[str, Any], before: Row | None) -> Row | None:
        """Halves the calendar until each part of it says one thing; None where that takes too long.

        `before`: of other codes, which often hold for these as well.
        """
        first, last = LIMITS[shape.kind]
        unknown = _ALONE[truth(At(None, codes))]
        if before is not None and before[0] == unknown:
            ends = [*(start - 1 for start, _ in before[1][1:]), last]
            parts = zip(before[1], ends, strict=True)
            if all(truth(At((start, end), codes)) == 1 << state for (start, state), end in parts):
                return before
        steps: list[tuple[int, int]] = []
        waiting = [(first, last)]
        for _ in range(MOST_LOOKS):
            low, high = waiting.pop()
            found = truth(At((low, high), codes))
            if found not in _ALONE:
                middle = (low + high) // 2
                waiting += [(middle + 1, high), (low, middle)]
                continue
            if not steps or steps[-1][1] != _ALONE[found]:
                steps.append((low, _ALONE[found]))
            if not waiting:
                return unknown, tuple(steps)
            if len(steps) > MOST_STEPS:
                return None
        return None
