"""Worked cases put to rules by their names: facts of a person or case and of the employer, what rules say.

A file `examples/*.yaml` with `cases`: [{id, on, of?, base?, facts?, employer?, expect: {rule: value},
to_the_cent?}] and `base`: facts that several cases share. Expected: a value; true/false of a condition;
`open`: nobody can say; `none`: not entitled; `stop`: nothing is in force on that day.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jiuye.cities import facts
from jiuye.policy import Law, Outcome, State
from jiuye.policy.parts import OF_EMPLOYER
from jiuye.policy.values import Value

CENT = Decimal("0.01")
Case = Mapping[str, Any]
Base = Mapping[str, Mapping[str, Any]]


def supplied(law: Law, case: Case, base: Base) -> tuple[dict[str, Value], dict[str, Value]]:
    """(facts of the person or case, facts of the employer). Raises FactError."""
    given: dict[str, Any] = {}
    for name in case.get("base", ()):
        given |= base[name]
    mine = {name: raw for name, raw in given.items() if law.entity_of(name) != OF_EMPLOYER}
    theirs = {name: raw for name, raw in given.items() if law.entity_of(name) == OF_EMPLOYER}
    mine, theirs = mine | case.get("facts", {}), theirs | case.get("employer", {})
    return (
        {name: facts.value(law, name, raw) for name, raw in mine.items()},
        {name: facts.value(law, name, raw) for name, raw in theirs.items()},
    )


def ask(law: Law, case: Case, base: Base, rule: str) -> Outcome:
    """What that rule says. Raises FactError, KeyError for a rule that isn't there."""
    mine, theirs = supplied(law, case, base)
    on = facts.day(case["on"])
    if law.rules[rule][0].entity == OF_EMPLOYER:
        return law.explain(rule, theirs, on)
    return law.explain(rule, mine, on, employer=theirs or None)


def told(law: Law, outcome: Outcome, to_the_cent: bool = False) -> object:
    """The outcome in the words of the file."""
    if not outcome.in_force:
        return "stop"
    if law.rules[outcome.rule][0].kind == "condition":
        return {State.MET: True, State.NOT_MET: False, State.UNKNOWN: "open"}[outcome.state]
    if outcome.state is State.NOT_MET:
        return "none" if outcome.value is None else outcome.value
    if outcome.state is State.UNKNOWN:
        return "open"
    value = outcome.value
    if to_the_cent and isinstance(value, Decimal):
        return value.quantize(CENT, ROUND_HALF_UP)
    return value


def wanted(law: Law, rule: str, expected: Any) -> object:
    """What the file expects, of the kind the rule gives."""
    if isinstance(expected, bool | int | Decimal) or expected in ("open", "none", "stop"):
        return expected
    return facts.typed(law.rules[rule][0].type, expected)
