"""What a law leaves to be worked out at one date, the same for every reader of whole populations.

What depends on nobody is a constant, worked out by the one-case reader. What depends on one date and a few
codes can be worked out beforehand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiuye.policy.errors import NotColumnar
from jiuye.policy.explain import Case
from jiuye.policy.language import FUNCTIONS
from jiuye.policy.law import Law
from jiuye.policy.parts import Rule
from jiuye.policy.values import Value

LANGUAGE = {*FUNCTIONS, "min", "max", "on", "unknown"}
OVER_HOUSEHOLD = frozenset({"household_any", "household_all", "household_count"})
EMPLOYER, HOUSEHOLD = "employer.", "household."
MOST_GROUPS = 32  # combinations of codes worth working out one by one

Facts = frozenset[str]
NOBODY: Facts = frozenset()


@dataclass(frozen=True)
class Shape:
    """`fact`, a date or month, by the small facts `groups` with so many states each (unknown included)."""

    fact: str
    kind: str
    groups: tuple[tuple[str, str, int], ...]  # (name, bool | text, states)


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
                case ast.Call(func=ast.Name(id="add_working_days")):
                    return False  # too slow to ask for every day
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
