"""What stands between a person and a benefit: every open condition, the way out, and from when."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext

from jiuye.desk import city
from jiuye.desk.assess import open_conditions
from jiuye.desk.casefacts import Known
from jiuye.desk.values import day
from jiuye.policy import Condition, Law, Month, Outcome, State
from jiuye.policy.values import Value, add_months

AHEAD = (1, 2, 3, 6, 9, 12, 18, 24, 30, 36)  # months that are tried for "from when"


@dataclass(frozen=True)
class Situation:
    """Everything the law is asked with. `members`: facts of the others of the household, None: not known."""

    facts: Mapping[str, Value]
    members: Sequence[Mapping[str, Value]] | None = None
    employer: Mapping[str, Value] | None = None
    law: Law = field(default_factory=city.law, repr=False, compare=False)

    @classmethod
    def of(cls, known: Known) -> Situation:
        return cls(known.values, known.others.members, known.others.employer)

    @cached_property
    def case(self) -> Any:
        """One case of the law: what several rules share is worked out once."""
        return self.law.case(self.facts, self.members, self.employer)

    def outcome(self, rule: str, on: date) -> Outcome:
        found: Outcome = self.case.outcome(rule, on)
        return found

    def supposing(self, made: Mapping[str, Value]) -> Situation:
        return Situation({**self.facts, **made}, self.members, self.employer, self.law)


@dataclass(frozen=True)
class Missing:
    """A condition that isn't met or not known. `earliest`: from when it will be, if nothing else changes.

    `words_when` says how that was reckoned; `ask`: the facts that would decide it.
    """

    name: str
    state: State
    label: Mapping[str, str]
    basis: str
    remedy: Mapping[str, str]
    earliest: date | None
    words_when: str
    ask: tuple[str, ...]
    condition: Condition


def missing(outcome: Outcome, asked: Situation) -> list[Missing]:
    """Every condition of the outcome that isn't met or not known."""
    unmet = list(open_conditions(outcome.conditions, State.NOT_MET))
    unknown = list(open_conditions(outcome.conditions, State.UNKNOWN))
    dates = _from_when(outcome, unmet, asked)
    out = []
    for condition in [*unmet, *unknown]:
        earliest, words = dates.get(condition.name, (None, ""))
        if condition.state is State.NOT_MET and earliest is None:
            earliest, words = _months_short(condition, outcome.on, asked.law)
        out.append(
            Missing(
                condition.name,
                condition.state,
                condition.label,
                condition.basis,
                condition.remedy,
                earliest,
                words,
                condition.ask,
                condition,
            )
        )
    return out


def suppose(outcome: Outcome, asked: Situation) -> tuple[Situation, tuple[str, ...]]:
    """If all that is missing is the person's own yes: the situation with it, and to which facts."""
    law, trial, asked_now, said = asked.law, outcome, asked, list[str]()
    while trial.state is State.UNKNOWN:
        fresh = [name for name in trial.ask if name not in said]
        own = [law.facts[name] for name in fresh if name in law.facts]
        if (
            not own
            or len(own) < len(fresh)
            or any(f.supplier != "person" or f.type.kind != "bool" for f in own)
        ):
            return asked, ()
        said += fresh
        asked_now = asked.supposing(dict.fromkeys(said, True))
        trial = asked_now.outcome(outcome.rule, outcome.on)
    return (asked_now, tuple(said)) if trial.state is State.MET else (asked, ())


def _from_when(
    outcome: Outcome, unmet: list[Condition], asked: Situation
) -> dict[str, tuple[date | None, str]]:
    """For conditions that time alone will meet (an age, a waiting time): the first such day, by halving."""
    waiting = {condition.name for condition in unmet if _depends_on_time(condition, outcome.on, asked.law)}
    found: dict[str, tuple[date | None, str]] = {}
    before = outcome.on
    for months in AHEAD if waiting else ():
        after = add_months(outcome.on, months)
        states = _states(outcome.rule, after, asked)
        for name in [name for name in waiting if states.get(name) is State.MET]:
            first = _first_day(outcome.rule, name, before, after, asked)
            found[name] = (first, gettext("情况不变的话，%(day)s起就满足") % {"day": day(first)})
            waiting.discard(name)
        if not waiting:
            break
        before = after
    return found


def _first_day(rule: str, name: str, before: date, after: date, asked: Situation) -> date:
    while (after - before).days > 1:
        middle = before + (after - before) // 2
        if _states(rule, middle, asked).get(name) is State.MET:
            after = middle
        else:
            before = middle
    return after


def _states(rule: str, on: date, asked: Situation) -> dict[str, State]:
    states: dict[str, State] = {}
    todo = list(asked.outcome(rule, on).conditions)
    while todo:
        condition = todo.pop()
        states[condition.name] = condition.state
        todo += condition.children
    return states


def _depends_on_time(condition: Condition, on: date, law: Law) -> bool:
    """Whether any expression behind the condition looks at the date of the question."""
    todo: list[str] = []
    leaves = [condition]
    while leaves:
        leaf = leaves.pop()
        leaves += leaf.children
        if leaf.text and "on" in _names(leaf.text):
            return True
        todo += leaf.inputs
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        version = law.rule_at(name, on) if name in law.rules and name not in seen else None
        seen.add(name)
        for expression in version.expressions() if version else ():
            if "on" in expression.names:
                return True
            todo += expression.reads
    return False


def _names(text: str) -> set[str]:
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _months_short(condition: Condition, on: date, law: Law) -> tuple[date | None, str]:
    """Of "months paid >= months needed": how many are missing, and from when if none is missed from now."""
    try:
        body = ast.parse(condition.text or "None", mode="eval").body
    except SyntaxError:
        return None, ""
    if not (isinstance(body, ast.Compare) and len(body.ops) == 1 and isinstance(body.ops[0], ast.GtE)):
        return None, ""
    left, right = body.left, body.comparators[0]
    if not (isinstance(left, ast.Name) and isinstance(right, ast.Name)):
        return None, ""
    fact = law.facts.get(left.id)
    have, need = (_count(condition.inputs.get(side.id)) for side in (left, right))
    if fact is None or fact.type.unit != "month" or have is None or need is None:
        return None, ""
    short = need - have
    earliest = Month(Month.of_date(on) + short).first_day
    words = gettext("现在有 %(have)d 个月，还差 %(short)d 个月；从现在起每月都有的话，最早 %(day)s")
    return earliest, words % {"have": have, "short": short, "day": day(earliest)}


def _count(value: Value) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return int(value)
