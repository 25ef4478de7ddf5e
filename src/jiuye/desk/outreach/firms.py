"""Telling employers what they may have: one row an employer and benefit, the reasons, a message or a task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from jiuye.desk import assess, casefacts, menu
from jiuye.desk.lacking import Situation
from jiuye.desk.menu import Line
from jiuye.desk.menu_data import Entry
from jiuye.desk.models import EmployerCase, Outreach
from jiuye.desk.models.outreach import OutreachKind, OutreachWay
from jiuye.desk.outreach import addressees, rivals, words
from jiuye.desk.outreach.contact import Told, facts_needed, lately, money
from jiuye.desk.outreach.practice import Practice
from jiuye.desk.outreach.rows import written
from jiuye.desk.outreach.street import Street
from jiuye.desk.values import to_json
from jiuye.policy import State
from jiuye.registry import facts as registers
from jiuye.registry.facts import Facts
from jiuye.registry.models import Employer

STAFF = "staff_count"  # fact: how many people work there


@dataclass(frozen=True)
class Firm:
    """An employer that was found. `worker`: of a benefit about workers one of those it is for, of so many."""

    employer: UUID
    worker: UUID | None = None
    workers: int = 0


def tell(entry: Entry, found: Sequence[Firm], on: date, practice: Practice) -> Told:
    """Tell these employers of a benefit, unless they know. Within one transaction, as the system."""
    out = Told()
    by_key = {one.employer: one for one in found}
    employers = addressees.employers(by_key, on)
    refused = addressees.opted_out(employers)
    out.opted_out = len(refused)
    rows = lately(entry, on, practice).filter(employer_id__in=list(employers))
    known = set(rows.values_list("employer_id", flat=True)) | _applying(entry, employers)
    left = {key: one for key, one in employers.items() if key not in refused and key not in known}
    asked = _asked(entry, [by_key[key] for key in left], on)
    streets = Street(on, practice)
    fresh: list[Outreach] = []
    for key, employer in left.items():
        if _too_small(entry, asked.facts[key], practice):
            out.kept_back += 1
            continue
        lines = asked.lines(by_key[key])
        line = next(one for one in lines if one.entry is entry)
        if not rivals.offered(line, practice):
            continue
        chosen = rivals.choose(lines, practice)
        if not chosen.has(entry.code):
            out.instead += 1
            continue
        row = _row(entry, employer, asked.facts[key], line, by_key[key], on)
        row.choice = rivals.to_json(line, chosen.beside.get(entry.code, ()))
        if row.way == OutreachWay.TASK and not streets.takes(row.unit_code, district=True):
            out.later += 1
            continue
        fresh.append(row)
    out.rows = written(fresh)
    words.send(out.rows)
    streets.give(out.rows)
    return out


def _applying(entry: Entry, employers: Collection[UUID]) -> set[UUID]:
    """Whose own application is being handled; for a worker another may still be due."""
    if not entry.item or entry.about_worker:
        return set()
    open_ = EmployerCase.objects.filter(employer_id__in=list(employers), item=entry.item, ended_at=None)
    return set(open_.values_list("employer_id", flat=True))


def _too_small(entry: Entry, facts: Facts, practice: Practice) -> bool:
    staff, least = facts.get(STAFF), practice.least_staff.get(entry.code)
    return least is not None and isinstance(staff, int) and staff < least


@dataclass(frozen=True)
class _Asked:
    """What is known of some employers and of a worker of each, read together."""

    group: tuple[Entry, ...]
    facts: Mapping[UUID, Facts]
    workers: Mapping[UUID, Facts]
    on: date

    def lines(self, firm: Firm) -> list[Line]:
        own = casefacts.known(self.facts[firm.employer])
        worker = self.workers.get(firm.worker) if firm.worker else None
        about = Situation(dict(casefacts.of_facts(worker, self.on).values) if worker else {}, None, own)
        found: list[Line] = []
        for entry in self.group:
            asked = about if entry.about_worker else Situation(own)
            found += menu.reckon((entry,), asked, self.on).lines
        return found


def _asked(entry: Entry, firms: Sequence[Firm], on: date) -> _Asked:
    group = rivals.of(entry)
    theirs = {*facts_needed(group, on, "employer"), STAFF}
    workers = {firm.worker for firm in firms if firm.worker}
    return _Asked(
        group,
        registers.of_employers([firm.employer for firm in firms], on, theirs),
        registers.of_people(workers, on, facts_needed(group, on)) if workers else {},
        on,
    )


def _row(entry: Entry, employer: Employer, facts: Facts, line: Line, firm: Firm, on: date) -> Outreach:
    cents, per = money(line)
    outcome = line.outcome.to_json()
    origins = casefacts.of_facts(facts, on).origins
    names = [name for name in assess.facts_behind(entry.rules, on) if facts.get(name) is not None]
    return Outreach(
        employer=employer,
        unit_code=employer.unit_code,
        benefit=entry.code,
        kind=OutreachKind.NEW,
        period=on,
        found_on=on,
        way=_way(entry, line),
        law_version=line.outcome.version,
        outcome=about_workers(outcome, firm.workers) if entry.about_worker else outcome,
        facts={name: {"value": to_json(facts[name]), "source": origins[name].to_json()} for name in names},
        supposes=list(line.supposes),
        amount_cents=cents,
        per=per,
    )


def _way(entry: Entry, line: Line) -> str:
    """A doubt needs a person. What registers settle, and no document has to prove, is prepared.

    For a worker the employer has to say for whom it applies: it gets the form.
    """
    if line.outcome.recalled or line.outcome.gaps:
        return OutreachWay.TASK
    if line.state is not State.MET or line.documents or line.supposes or (entry.about_worker and entry.item):
        return OutreachWay.MESSAGE
    return OutreachWay.PREPARED


def about_workers(outcome: Mapping[str, Any], workers: int) -> dict[str, Any]:
    """Why, without anything known of the worker it is about: an employer reads it. `workers`: how many."""
    return {
        **outcome,
        "conditions": [_nameless(one) for one in outcome["conditions"]],
        "calculation": "",
        "value": None,
        "workers": workers,
    }


def _nameless(condition: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **condition,
        "inputs": {},
        "children": [_nameless(child) for child in condition["children"]],
    }
