"""What a person is entitled to, and what is missing where they are not (yet). All from law and registers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from jiuye.desk import assess, casefacts, catalogue, city
from jiuye.desk.assess import Finding, ScheduledMonth
from jiuye.desk.catalogue import Bundle, Item
from jiuye.desk.models import Case
from jiuye.desk.values import day, pick
from jiuye.policy import Condition, Law, Month, Outcome, State
from jiuye.policy.values import Value, add_months

LOOK_AHEAD = 36  # months that are tried for "from when"


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


@dataclass(frozen=True)
class Entitlement:
    """One item for one person. `after`: what has to be granted first (then `state` supposes it is).

    `supposes`: facts only the person knows; months and amounts hold if they say yes, while `state` is still
    unknown. `held`: they have it already. `open_case`: an application that isn't finished. Money in cents.
    """

    item: Item
    state: State
    outcome: Outcome
    finding: Finding
    months: int | None
    first_month: Month | None
    schedule: tuple[ScheduledMonth, ...]
    total_cents: int | None
    missing: tuple[Missing, ...]
    supposes: tuple[str, ...]
    after: Item | None
    held: bool
    open_case: Case | None
    bundle: Bundle | None
    facts: Mapping[str, Any]  # every fact looked at, with its source (JSON)

    @property
    def title(self) -> str:
        return pick(self.item.title)

    @property
    def likely(self) -> bool:
        """Entitled, or so if the person confirms what only they know."""
        return self.state is State.MET or bool(self.supposes)

    @property
    def can_apply(self) -> bool:
        """Nobody is kept from applying: a person may want the refusal in writing."""
        return not self.held and self.open_case is None and self.bundle is not None


def menu(person_id: UUID, on: date) -> list[Entitlement]:
    """Everything a person may apply for, what they can get first. Three queries, whatever the catalogue."""
    known = casefacts.of_person(person_id, on)
    cases = Case.objects.filter(
        person_id=person_id, ended_at__isnull=True, about_decision__isnull=True
    ).order_by("-submitted_at")
    return reckon(known, list(cases), on)


def reckon(known: casefacts.Known, cases: list[Case], on: date) -> list[Entitlement]:
    """The menu of known facts."""
    found: dict[str, Entitlement] = {}
    for item in catalogue.items_for_people():
        first = found.get(item.after or "")
        supposed = known
        if first is not None and not first.held and first.likely:
            supposed = known.supposing(first.item.made(on))
        found[item.code] = _entitlement(item, supposed, first, cases, on)
    order = {State.MET: 0, State.UNKNOWN: 1, State.NOT_MET: 2}
    return sorted(found.values(), key=lambda e: (e.held, order[e.state]))


def _suppose(finding: Finding, law: Law) -> tuple[Finding, tuple[str, ...]]:
    """If all that is missing is the person's own yes: what the law says then, and to which facts."""
    facts, asked = dict(finding.facts), list[str]()
    trial = finding
    while trial.state is State.UNKNOWN:
        fresh = [name for name in trial.ask if name not in asked]
        own = [law.facts[name] for name in fresh]
        if not own or any(f.supplier != "person" or f.type.kind != "bool" for f in own):
            return finding, ()
        asked += fresh
        facts |= dict.fromkeys(fresh, True)
        trial = assess.find(finding.item, facts, finding.on, law)
    return (trial, tuple(asked)) if trial.state is State.MET else (finding, ())


def _entitlement(
    item: Item, known: casefacts.Known, first: Entitlement | None, cases: list[Case], on: date
) -> Entitlement:
    finding = assess.find(item, known.values, on)
    trial, supposes = _suppose(finding, city.law())
    lines = tuple(assess.schedule(trial)) if trial.state is State.MET else ()
    return Entitlement(
        item=item,
        state=finding.state,
        outcome=finding.outcome,
        finding=finding,
        months=len(lines) if lines else None,
        first_month=lines[0].month if lines else None,
        schedule=lines,
        total_cents=sum(line.amount_cents for line in lines) if lines else None,
        missing=tuple(missing(finding)),
        supposes=supposes,
        after=first.item if first and not first.held else None,
        held=casefacts.held(item, known, on),
        open_case=next((case for case in cases if case.item == item.code), None),
        bundle=catalogue.bundle_of(item.code),
        facts=known.to_json(assess.facts_behind(item.rules, on)),
    )


def missing(finding: Finding, law: Law | None = None) -> list[Missing]:
    """Every condition that isn't met or not known, with the way out and, where reckonable, from when."""
    law = law or city.law()
    unmet = finding.unmet
    dates = _from_when(finding, unmet, law)
    out = []
    for condition in [*unmet, *finding.unknown]:
        earliest, words = dates.get(condition.name, (None, ""))
        if condition.state is State.NOT_MET and earliest is None:
            earliest, words = _months_short(condition, finding.on, law)
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


def _from_when(finding: Finding, unmet: list[Condition], law: Law) -> dict[str, tuple[date | None, str]]:
    """For conditions that time alone will meet (an age, a waiting time): the first such day.

    The facts stay as they are, only the date of the question moves: month by month, then by halving.
    """
    waiting = {condition.name for condition in unmet}
    found: dict[str, tuple[date | None, str]] = {}
    if not waiting or finding.item.rule is None or not _depends_on_time(finding.item.rule, finding.on, law):
        return found
    before = finding.on
    for months in range(1, LOOK_AHEAD + 1):
        after = add_months(finding.on, months)
        states = _states(finding, after, law)
        for name in [name for name in waiting if states.get(name) is State.MET]:
            first = _first_day(finding, name, before, after, law)
            found[name] = (first, gettext("情况不变的话，%(day)s起就满足") % {"day": day(first)})
            waiting.discard(name)
        if not waiting:
            break
        before = after
    return found


def _first_day(finding: Finding, name: str, before: date, after: date, law: Law) -> date:
    while (after - before).days > 1:
        middle = before + (after - before) // 2
        if _states(finding, middle, law).get(name) is State.MET:
            after = middle
        else:
            before = middle
    return after


def _states(finding: Finding, on: date, law: Law) -> dict[str, State]:
    assert finding.item.rule is not None
    states: dict[str, State] = {}
    todo = list(law.explain(finding.item.rule, finding.facts, on).conditions)
    while todo:
        condition = todo.pop()
        states[condition.name] = condition.state
        todo += condition.children
    return states


def _depends_on_time(rule: str, on: date, law: Law) -> bool:
    """Whether any expression behind the rule looks at the date of the question."""
    seen: set[str] = set()
    todo = [rule]
    while todo:
        name = todo.pop()
        version = law.rule_at(name, on) if name in law.rules and name not in seen else None
        seen.add(name)
        for expression in version.expressions() if version else ():
            if "on" in expression.names:
                return True
            todo += expression.names
    return False


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
