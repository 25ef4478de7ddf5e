"""What a person is entitled to, and what is missing where they are not (yet). All from law and registers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from jiuye.desk import assess, casefacts, catalogue, lacking
from jiuye.desk.assess import Finding, ScheduledMonth
from jiuye.desk.catalogue import Bundle, Item
from jiuye.desk.lacking import Missing, Situation
from jiuye.desk.models import Case
from jiuye.desk.values import pick
from jiuye.policy import Month, Outcome, State


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
    beside: Item | None = None  # what they draw and isn't given together with it

    @property
    def title(self) -> str:
        return pick(self.item.title)

    @property
    def likely(self) -> bool:
        """Entitled, or so if the person confirms what only they know."""
        if self.beside is not None:
            return False
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


def reckon(
    known: casefacts.Known, cases: list[Case], on: date, only: Iterable[Item] | None = None
) -> list[Entitlement]:
    """The menu of known facts; `only`: of these items, and of what has to be granted before them."""
    found: dict[str, Entitlement] = {}
    wanted = None if only is None else {code for one in only for code in (one.code, one.after)}
    for item in catalogue.items_for_people():
        if wanted is not None and item.code not in wanted:
            continue
        first = found.get(item.after or "")
        supposed = known
        if first is not None and not first.held and first.likely:
            supposed = known.supposing(first.item.made(on))
        found[item.code] = _entitlement(item, supposed, first, cases, on)
    order = {State.MET: 0, State.UNKNOWN: 1, State.NOT_MET: 2}
    return sorted(found.values(), key=lambda e: (e.held, order[e.state]))


def _suppose(finding: Finding, known: casefacts.Known) -> tuple[Finding, tuple[str, ...]]:
    """If all that is missing is the person's own yes: what the law says then, and to which facts."""
    asked, said = lacking.suppose(finding.outcome, Situation.of(known))
    if not said:
        return finding, ()
    trial = assess.find(finding.item, asked.facts, finding.on, others=known.others)
    return (trial, said) if trial.state is State.MET else (finding, ())


def _entitlement(
    item: Item, known: casefacts.Known, first: Entitlement | None, cases: list[Case], on: date
) -> Entitlement:
    finding = assess.find(item, known.values, on, others=known.others)
    trial, supposes = _suppose(finding, known)
    lines = trial.lines if trial.state is State.MET else ()
    return Entitlement(
        item=item,
        state=finding.state,
        outcome=finding.outcome,
        finding=finding,
        months=len(lines) if lines else None,
        first_month=lines[0].month if lines else None,
        schedule=lines,
        total_cents=sum(line.amount_cents for line in lines) if lines else None,
        missing=tuple(lacking.missing(finding.outcome, Situation.of(known))),
        supposes=supposes,
        after=first.item if first and not first.held else None,
        held=casefacts.held(item, known, on),
        open_case=next((case for case in cases if case.item == item.code), None),
        bundle=catalogue.bundle_of(item.code),
        facts=known.to_json(assess.facts_behind(item.rules, on)),
        beside=casefacts.beside(item.rule, known, Month.of_date(on)) if item.rule else None,
    )
