"""What the law says about an application of an employer: its own facts, and those of whom it is about.

What registers know stands; what the employer says fills what they lack; what staff recorded counts before
both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from jiuye.desk import assess, casefacts, catalogue, city
from jiuye.desk.assess import Finding, Others
from jiuye.desk.catalogue import ONCE, Item
from jiuye.desk.models import EmployerCase, EmployerMonth
from jiuye.desk.values import from_json, to_json
from jiuye.foundation import scope
from jiuye.policy import Fact
from jiuye.policy.values import Value
from jiuye.registry import facts as registers

EMPLOYER = "employer"
ASKED = ("person", "document")  # suppliers of what an employer may be asked about itself


@dataclass(frozen=True)
class Asked:
    """`own`: facts of the employer. `worker`: of whom it is about, None for the employer's own benefit."""

    item: Item
    on: date
    own: Mapping[str, Value]
    worker: casefacts.Known | None
    finding: Finding
    worker_id: UUID | None = None

    @property
    def about_worker(self) -> bool:
        return self.worker is not None

    def to_json(self) -> dict[str, Any]:
        """Every fact the rules may look at, for a decision; the employer's as `employer.name`."""
        rules = self.item.rules
        names = assess.facts_behind(rules, self.on)
        if self.worker is not None:
            return self.worker.to_json(names, assess.looks_at_household(rules, self.on))
        declared = city.law().facts
        return {
            f"employer.{name}": {"value": to_json(self.own.get(name)), "source": None}
            for name in names
            if declared[name].entity == EMPLOYER
        }


def items() -> tuple[Item, ...]:
    """What an employer may apply for here."""
    return tuple(item for item in catalogue.current().items.values() if item.applicant == EMPLOYER)


def item(code: str) -> Item:
    """LookupError for what isn't applied for by employers, or what no rule decides."""
    found = catalogue.item(code)
    if found.applicant != EMPLOYER or found.rule is None:
        raise LookupError(code)
    return found


def about_worker(item: Item) -> bool:
    """Whether it is decided for each worker, by a person's rule."""
    assert item.rule is not None, f"{item.code} is decided by a rule"
    return city.law().rules[item.rule][0].entity != EMPLOYER


def ask(
    item: Item,
    employer_id: UUID,
    worker_id: UUID | None,
    on: date,
    said: Mapping[str, Any] | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> Asked:
    """Ask the law as of a day. `said` and `recorded` are JSON values by name. Sees all registers."""
    facts = city.law().facts
    with scope.elevated("the law is asked with all facts of employer and worker"):
        own = casefacts.known(registers.of_employer(employer_id, on))
        for name, raw in (said or {}).items():
            if own.get(name) is None:
                own[name] = from_json(facts[name], raw)
        found = {name: from_json(facts[name], raw) for name, raw in (recorded or {}).items()}
        own |= {name: value for name, value in found.items() if facts[name].entity == EMPLOYER}
        if worker_id is None:
            return Asked(item, on, own, None, assess.find(item, own, on))
        known = casefacts.of_person(worker_id, on)
        theirs = {name: value for name, value in found.items() if facts[name].entity != EMPLOYER}
        worker = casefacts.Known({**known.values, **theirs}, known.origins, known.members, own, known.drawn)
        others = Others(worker.others.members, own)
        return Asked(item, on, own, worker, assess.find(item, worker.values, on, others=others), worker_id)


def of_case(case: EmployerCase, on: date) -> Asked:
    return ask(item(case.item), case.employer_id, case.worker_id, on, case.said, case.recorded)


def had(employer_id: UUID, worker_id: UUID | None, benefit: str, since: date | None = None) -> bool:
    """Whether months of it were granted: of this worker to any employer, else to this employer."""
    rows = EmployerMonth.objects.filter(benefit=benefit)
    rows = rows.filter(worker_id=worker_id) if worker_id else rows.filter(employer_id=employer_id)
    return (rows.filter(month__gte=since) if since else rows).exists()


def granted(employer_id: UUID, on: date) -> set[str]:
    """Benefits the employer itself has for this month, or had one time only."""
    rows = EmployerMonth.objects.filter(employer_id=employer_id, worker__isnull=True)
    months = list(rows.values_list("benefit", "month"))
    once = {
        item.benefit.code for item in items() if item.benefit and item.benefit.per == ONCE and item.held_when
    }
    return {code for code, month in months if code in once or month >= on.replace(day=1)}


def questions(asked: Asked) -> list[Fact]:
    """What nobody knows about the employer and it may say itself; the worker's facts are not its to say."""
    known = city.law().facts
    names = dict.fromkeys([*asked.finding.ask, *(n for one in asked.finding.unknown for n in one.ask)])
    plain = [name.removeprefix("employer.") for name in names]
    return [
        known[name]
        for name in dict.fromkeys(plain)
        if name in known and known[name].entity == EMPLOYER and known[name].supplier in ASKED
    ]


def open_facts(asked: Asked) -> list[Fact]:
    """Everything that is missing, for staff to look into."""
    known = city.law().facts
    names = dict.fromkeys([*asked.finding.ask, *(n for one in asked.finding.unknown for n in one.ask)])
    plain = [name.removeprefix("employer.") for name in names if not name.startswith("members[")]
    return [known[name] for name in dict.fromkeys(plain) if name in known]


def beside(asked: Asked) -> Item | None:
    """What the worker draws, or any employer has for them, in these months that the law doesn't give together
    with it; one that is had one time only counts whenever it was.
    """
    lines = asked.finding.lines
    if asked.worker is None or asked.item.rule is None or not lines:
        return None
    if drawn := casefacts.beside(asked.item.rule, asked.worker, lines[0].month, lines[-1].month):
        return drawn
    others = [found for code in catalogue.excluded(asked.item) if (found := catalogue.paying(code))]
    once = [one.benefit.code for one in others if one.benefit and one.benefit.per == ONCE and one.held_when]
    with scope.elevated("what another employer has for the same worker"):
        rows = EmployerMonth.objects.filter(
            Q(month__in=[line.month.first_day for line in lines]) | Q(benefit__in=once),
            worker_id=asked.worker_id,
            benefit__in=[one.benefit.code for one in others if one.benefit],
        )
        taken = set(rows.values_list("benefit", flat=True))
    return next((one for one in others if one.benefit and one.benefit.code in taken), None)
