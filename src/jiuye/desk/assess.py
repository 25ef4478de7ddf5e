"""What the law says about one item for one person: the only place where an item meets `Law.explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from jiuye.desk import catalogue, city
from jiuye.desk.catalogue import MONTH, ONCE, BenefitEffect, Item
from jiuye.policy import Condition, Law, Outcome, State
from jiuye.policy.parts import Rule
from jiuye.policy.values import Month, Value, add_months


@dataclass(frozen=True)
class Others:
    """Whom the law looks at besides the person. `members`: the others of the household, None: not known."""

    members: Sequence[Mapping[str, Value]] | None = None
    employer: Mapping[str, Value] | None = None


NOBODY: Final = Others()


@dataclass(frozen=True)
class ScheduledMonth:
    """`provisional`: no standard for that month yet; the last known amount stands in until it comes."""

    month: Month
    index: int
    amount_cents: int
    provisional: bool


@dataclass(frozen=True)
class Finding:
    """An item's rule, and where it pays its months and schedule. `state` is that of all of them together."""

    item: Item
    on: date
    outcome: Outcome
    months: Outcome | None = None
    schedule: Outcome | None = None  # or the amount of the first month
    residual: Outcome | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)
    others: Others = NOBODY
    lines: tuple[ScheduledMonth, ...] = ()

    @property
    def state(self) -> State:
        """A benefit whose months the law leaves open is not yet granted, whoever is entitled."""
        if self.outcome.state is not State.MET or self.item.benefit is None:
            return self.outcome.state
        known = self.months is None or self.months.state is State.MET
        return State.MET if known and self.first_line else State.UNKNOWN

    @property
    def first_line(self) -> bool:
        """Whether the amount of the first month is known. Later months may wait for a standard to come."""
        return bool(self.lines) and not self.lines[0].provisional

    @property
    def unmet(self) -> list[Condition]:
        """Every condition that isn't met, as a clause of the law names it."""
        return list(open_conditions(self.outcome.conditions, State.NOT_MET))

    @property
    def unknown(self) -> list[Condition]:
        return list(open_conditions(self.outcome.conditions, State.UNKNOWN))

    @property
    def ask(self) -> tuple[str, ...]:
        """Facts that nobody supplied and that could change the outcome."""
        return tuple(dict.fromkeys(name for o in self.outcomes for name in o.ask))

    @property
    def recalled(self) -> tuple[str, ...]:
        return tuple(sorted({name for o in self.outcomes for name in o.recalled}))

    @property
    def gaps(self) -> tuple[str, ...]:
        """Parameters or rules the law lacks. Standards of months that are yet to come are not among them."""
        outcomes = (
            self.outcomes if not self.first_line else [o for o in self.outcomes if o is not self.schedule]
        )
        return tuple(sorted({name for o in outcomes for name in o.gaps}))

    @property
    def outcomes(self) -> list[Outcome]:
        """What was asked; months and amounts only of somebody who is entitled."""
        rest = [o for o in (self.months, self.schedule) if o is not None]
        return [self.outcome, *rest] if self.outcome.state is State.MET else [self.outcome]

    def to_json(self) -> dict[str, Any]:
        out = self.outcome.to_json()
        if self.outcome.state is State.MET:
            out["months"] = self.months.to_json() if self.months else None
            out["amounts"] = self.schedule.to_json() if self.schedule else None
        return out


def find(
    item: Item,
    facts: Mapping[str, Value],
    on: date,
    law: Law | None = None,
    others: Others = NOBODY,
) -> Finding:
    """Ask the law about an item. LookupError where no rule decides, FactError for an unknown fact."""
    if item.rule is None:
        raise LookupError(f"{item.code} is not decided by a rule")
    case = (law or city.law()).case(facts, others.members, others.employer)
    outcome = case.outcome(item.rule, on)
    effect = item.benefit
    if effect is None:
        return Finding(item, on, outcome, facts=facts, others=others)
    months = case.outcome(effect.months, on) if effect.months else None
    residual = case.outcome(effect.residual, on) if effect.residual else None
    if effect.schedule:
        schedule = case.outcome(effect.schedule, on)
        lines = _of_schedule(schedule)
    else:
        schedule, lines = _of_amount(effect, case, months, on)
    if outcome.state is not State.MET:
        lines = ()
    return Finding(item, on, outcome, months, schedule, residual, facts, others, lines)


def open_conditions(conditions: Iterable[Condition], state: State) -> Iterator[Condition]:
    """All parts of an "all of these"; but of an "any of these" the whole, which is what the person lacks."""
    for condition in conditions:
        if condition.state is not state:
            continue
        if condition.children and condition.quantifier == "all":
            yield from open_conditions(condition.children, state)
        else:
            yield condition


def _of_schedule(outcome: Outcome) -> tuple[ScheduledMonth, ...]:
    """The law's own months; empty when the first can't be priced."""
    lines: list[ScheduledMonth] = []
    for line in outcome.schedule:
        if line.value is None and not lines:
            return ()
        amount = lines[-1].amount_cents if line.value is None else cents(line.value)
        lines.append(ScheduledMonth(line.month, line.index, amount, line.value is None))
    return tuple(lines)


def _of_amount(
    effect: BenefitEffect, case: Any, months: Outcome | None, on: date
) -> tuple[Outcome, tuple[ScheduledMonth, ...]]:
    """An amount asked anew for every month, at the parameters and the rule of that month.

    It ends where the rule ends or no longer gives anything. A month whose standard is yet to come takes the
    last one.
    """
    value = case.outcome(effect.first, on).value if effect.first else Month.of_date(on)
    if not isinstance(value, Month):
        return case.outcome(effect.amount, on), ()
    once = effect.per == ONCE
    count = 1 if once else int(months.value) if months and isinstance(months.value, int | Decimal) else 0
    first = case.outcome(effect.amount, on if once else value.first_day)
    lines: list[ScheduledMonth] = []
    for place in range(count):
        month = Month(value + place)
        found = first if place == 0 else case.outcome(effect.amount, month.first_day)
        if _pays(found):
            lines.append(ScheduledMonth(month, place + 1, cents(found.value), False))
        elif lines and found.in_force and found.state is State.UNKNOWN and found.gaps:
            lines.append(ScheduledMonth(month, place + 1, lines[-1].amount_cents, True))
        else:
            break
    return first, tuple(lines)


def _pays(found: Outcome) -> bool:
    value = found.value
    amount = found.state is State.MET and isinstance(value, int | Decimal) and not isinstance(value, bool)
    return amount and bool(value)


def cents(yuan: Decimal | int) -> int:
    """Whole cents; ValueError for an amount with a fraction of a cent."""
    value = Decimal(yuan) * 100
    if value != int(value):
        raise ValueError(f"{yuan} is not whole cents")
    return int(value)


def effects(finding: Finding, on: date, case_facts: Mapping[str, Value]) -> dict[str, Any]:
    """What a grant of this item brings about, as JSON for the decision; {} unless it is granted."""
    item, out = finding.item, dict[str, Any]()
    if finding.state is not State.MET:
        return out
    if item.registration:
        effect = item.registration
        reason = case_facts.get(effect.reason_by or "")
        months = effect.validity_months
        expires = add_months(on, city.whole(months, on)) if months else None
        out["registration"] = {
            "kind": effect.kind,
            "opened_on": on.isoformat(),
            "expires_on": expires.isoformat() if expires else None,
            "open_reason": effect.reasons.get(str(reason), effect.otherwise),
        }
    if item.benefit:
        lines = finding.lines
        out |= {
            "benefit": item.benefit.code,
            "stage": item.benefit.stage,
            "first_month": str(lines[0].month),
            "months": len(lines),
            "months_used": _used(finding, item.benefit.uses),
            "per": item.benefit.per or MONTH,
            "excludes": list(catalogue.excluded(item)),
            "total_cents": sum(line.amount_cents for line in lines),
            "schedule": [
                {
                    "month": str(line.month),
                    "index": line.index,
                    "value": str(Decimal(line.amount_cents) / 100),
                    "amount_cents": line.amount_cents,
                    "provisional": line.provisional,
                }
                for line in lines
            ],
        }
    return out


def _used(finding: Finding, fact: str | None) -> int:
    """How much of the fact the award uses up; 0 where the law doesn't say."""
    before = finding.facts.get(fact or "")
    left = finding.residual.value if finding.residual else None
    return int(before) - int(left) if isinstance(before, int) and isinstance(left, int | Decimal) else 0


def facts_behind(names: Iterable[str], on: date, law: Law | None = None) -> list[str]:
    """Every fact that these rules may look at on that day, in the order of facts.yaml."""
    return _behind(names, on, law or city.law())[0]


def looks_at_household(names: Iterable[str], on: date, law: Law | None = None) -> bool:
    """Whether any of these rules may look at the others of the household on that day."""
    return _behind(names, on, law or city.law())[1]


def names_behind(names: Iterable[str], on: date, law: Law | None = None) -> set[str]:
    """Every rule, parameter and fact that these rules may look at on that day, themselves included."""
    return _seen(names, on, law or city.law())[0]


def _behind(names: Iterable[str], on: date, law: Law) -> tuple[list[str], bool]:
    seen, household = _seen(names, on, law)
    return [name for name in law.facts if name in seen], household


def _seen(names: Iterable[str], on: date, law: Law) -> tuple[set[str], bool]:
    seen: set[str] = set()
    todo, household = list(names), False
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        rule: Rule | None = law.rule_at(name, on) if name in law.rules else None
        for expression in rule.expressions() if rule else ():
            todo += expression.reads
            household = household or bool(expression.of_household)
    return seen, household
