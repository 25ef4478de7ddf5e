"""The days on which the law itself changes: versions of rules and values of parameters that begin or end."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from random import Random

from jiuye.policy import Law
from jiuye.policy.parts import Rule
from tests.cities.boundaries_search import DAY, Asked, Facts, Found, Solver, answer
from tests.cities.boundaries_values import value_on

MOST = 40  # cases tried until one is answered differently before and after
FEW = 200  # cases looked at to find one of them


@dataclass(frozen=True)
class Change:
    """what: the rule or parameter. rule: whose answers show it. on: the first day of what is new.

    shows: whether a case was found whose answer changes with it.
    """

    what: str
    rule: Rule
    on: date
    facts: Facts
    shows: bool

    @property
    def found(self) -> Found:
        days = {"below": self.on - DAY, "at": self.on, "above": self.on + DAY}
        return Found(self.on, self.facts, "on", days)


def changes(asked: Asked, only: Collection[str] = ()) -> Iterator[Change]:
    """Those of rules, then those of parameters; a parameter by the first rule in which it can be seen.

    A parameter that begins or ends with the rules that read it is seen in them. only: of these rules alone.
    """
    law = asked.law
    for name in only or law.rules:
        versions = law.rules[name]
        for on in _days(versions):
            found = _shown(asked, name, name, list(versions), on)
            if found is not None:
                yield found
    for name, readers in () if only else _readers(law).items():
        for on in _days(law.parameters[name].values):
            if value_on(law, name, on - DAY) == value_on(law, name, on):
                continue  # the same value from another source
            both = (reader for reader in readers if all(law.rule_at(reader, day) for day in (on - DAY, on)))
            best: Change | None = None
            for reader in both:
                found = _shown(asked, name, reader, law.rules[reader], on)
                best = found if best is None or (found is not None and found.shows) else best
                if best is not None and best.shows:
                    break
            if best is not None:
                yield best


def _days(items: Sequence) -> list[date]:  # type: ignore[type-arg]
    """The first day of each stretch in which something else stands."""
    firsts = {item.first for item in items} - {date.min}
    return sorted(firsts | {item.last + DAY for item in items if item.last is not None})


def _readers(law: Law) -> dict[str, list[str]]:
    """Rules that read a parameter themselves."""
    out: dict[str, list[str]] = {name: [] for name in law.parameters}
    for name, versions in law.rules.items():
        for used in {used for version in versions for e in version.expressions() for used in e.reads}:
            if used in out:
                out[used].append(name)
    return out


def _shown(asked: Asked, what: str, name: str, versions: Sequence[Rule], on: date) -> Change | None:
    """The first case whose answer is another on that day; failing that one that is met or has a value."""
    first: Change | None = None
    for day in (on, on - DAY):
        version = next((item for item in versions if item.in_force(day)), None)
        if version is None:
            continue
        for facts in _cases(asked, version, day, (on - DAY, on)):
            before, after = (answer(asked.outcome(version, facts, at)) for at in (on - DAY, on))
            shows = before != after
            if first is None or shows:
                first = Change(what, version, on, facts, shows)
            if shows:
                return first
    return first


def _cases(asked: Asked, version: Rule, day: date, beside: tuple[date, date]) -> Iterator[Facts]:
    """Cases in which the rule is met or has a value, then any; in order, then from all over."""
    solver = Solver(asked, version)
    solver.beside = beside
    for truth in (True, None) if version.kind == "condition" else (None,):
        node = ast.Name(version.name, ast.Load())
        wanted = [(node, truth)] if version.schedule is None else solver.decided()
        solver.mixing = None
        yield from islice(solver.solved(wanted, day, {}), MOST)
        for seed in range(MOST):
            solver.mixing = Random(seed)
            yield from islice(solver.solved(wanted, day, {}, FEW), 1)
