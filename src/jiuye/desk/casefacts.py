"""The facts of a person or a case with their sources: registers, the person's words, what staff recorded.

With them go those of the household and of the employer, as far as the registers know either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from jiuye.desk import catalogue, city
from jiuye.desk.assess import Others
from jiuye.desk.catalogue import ONCE, Item
from jiuye.desk.doubts import Found
from jiuye.desk.models import Case, Evidence
from jiuye.desk.values import from_json, to_json
from jiuye.foundation import scope
from jiuye.policy.values import Month, Value
from jiuye.registry import facts as registers
from jiuye.registry.models import BenefitPeriod, StatedFact

Values = Mapping[str, Value]
CHANNELS = {"web": "online", "counter": "counter", "system": "online"}
MEMBERS = "members"  # among the facts of a decision: how many others the household has
OF_THE_CASE = ("applied_on", "accepted_on", "channel")  # facts that a case itself supplies


@dataclass(frozen=True)
class Origin:
    """Where a value comes from. `kind`: register, person, document, staff, case."""

    kind: str
    label: str
    as_of: date | None = None
    table: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "label": self.label,
            "table": self.table,
            "as_of": self.as_of.isoformat() if self.as_of else None,
        }


@dataclass(frozen=True)
class Drawn:
    """A benefit that was awarded: its first and last month that is due."""

    benefit: str
    stage: str
    first: Month
    last: Month


@dataclass(frozen=True)
class Known:
    """`members`: facts of the others of the household by their keys; None: no household is known.

    drawn: benefits awarded to the person, those that are over included.
    """

    values: Mapping[str, Value]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    members: Mapping[UUID, Mapping[str, Value]] | None = None
    employer: Mapping[str, Value] | None = None
    drawn: tuple[Drawn, ...] = ()

    @property
    def others(self) -> Others:
        """Whom else the law looks at."""
        return Others(None if self.members is None else tuple(self.members.values()), self.employer)

    def supposing(self, made: Mapping[str, Value]) -> Known:
        """The same person once another item has been granted."""
        origin = Origin("case", gettext("办好前一项以后"))
        origins = {**self.origins, **dict.fromkeys(made, origin)}
        return replace(self, values={**self.values, **made}, origins=origins)

    def to_json(self, names: Iterable[str], household: bool = False) -> dict[str, Any]:
        """The named facts with their sources, for a decision; unknown ones of the person are null.

        What is known of the employer stands as `employer.name`, of the other members, if the rules look at
        them (`household`), as `members[0].name`, and how many they are as `members`: with that a decision can
        be replayed, also of somebody who lives alone or with people of whom nothing is known.
        """
        declared = city.law().facts
        found: dict[str, Any] = {}
        if household and self.members is not None:
            found[MEMBERS] = {"value": len(self.members), "source": None}
        for name in names:
            if declared[name].entity == "employer":
                if (self.employer or {}).get(name) is not None:
                    found[f"employer.{name}"] = {
                        "value": to_json((self.employer or {})[name]),
                        "source": None,
                    }
                continue
            source = self.origins[name].to_json() if name in self.origins else None
            found[name] = {"value": to_json(self.values.get(name)), "source": source}
            for number, member in enumerate(self.others.members or ()) if household else ():
                if member.get(name) is not None:
                    found[f"members[{number}].{name}"] = {"value": to_json(member[name]), "source": None}
        return found


def of_person(person_id: UUID, on: date) -> Known:
    """What is known of a person who applies on that day."""
    found = registers.of_person(person_id, on)
    members, employer = _others(person_id, found, on)
    return replace(of_facts(found, on, members, employer), drawn=drawn_by([person_id]).get(person_id, ()))


def drawn_by(people: Collection[UUID]) -> dict[UUID, tuple[Drawn, ...]]:
    """What was awarded to each of these people, in the order of months. One query."""
    rows = BenefitPeriod.objects.filter(person_id__in=list(people)).order_by("first_month", "id")
    found: dict[UUID, tuple[Drawn, ...]] = {}
    for row in rows.only("person_id", "benefit", "stage", "first_month", "last_month", "stopped_from"):
        first, last = Month.of_date(row.first_month), Month.of_date(row.last_month)
        if row.stopped_from is not None:
            last = min(last, Month(Month.of_date(row.stopped_from) - 1))
        if first <= last:
            one = Drawn(row.benefit, row.stage, first, last)
            found[row.person_id] = (*found.get(row.person_id, ()), one)
    return found


def of_facts(
    found: registers.Facts,
    on: date,
    members: Mapping[UUID, Mapping[str, Value]] | None = None,
    employer: Mapping[str, Value] | None = None,
) -> Known:
    """`of_person` of facts that have been read already."""
    values = known(found)
    values |= _case_values(on, on, "web")
    origins = {
        name: Origin(source.kind, str(source.label), source.as_of, source.table)
        for name, source in found.sources.items()
    }
    return Known(values, origins, members, employer)


def _others(
    person_id: UUID, found: registers.Facts, on: date
) -> tuple[Mapping[UUID, Mapping[str, Value]] | None, Mapping[str, Value] | None]:
    """The law looks at household and employer, whoever asks; a decision records whom it looked at."""
    members: Mapping[UUID, Mapping[str, Value]] | None = None
    if found.household is not None:
        with scope.elevated("the law looks at the whole household"):
            at_home = registers.members_of([found.household], on)[found.household]
        members = {key: known(facts) for key, facts in at_home.items() if key != person_id}
    employer = registers.of_employer(found.employer, on) if found.employer else None
    return members, None if employer is None else known(employer)


def known(facts: Mapping[str, Value]) -> dict[str, Value]:
    """Without the unknown ones."""
    return {name: value for name, value in facts.items() if value is not None}


def of_case(case: Case, on: date) -> Known:
    """What is known of the person of a case on that day, with the case's own dates and evidence."""
    origin = case.about or case
    person = of_person(case.person_id, on)
    accepted = origin.started_on or on
    values = {**person.values, **_case_values(accepted, accepted, origin.channel)}
    origins = {**person.origins}
    for evidence in Evidence.objects.filter(case__in=[case.pk, origin.pk]).order_by("recorded_at", "id"):
        kind = "document" if evidence.kind == "document" else "staff"
        label = gettext("%(name)s核实") % {"name": evidence.recorded_by_name}
        for name, raw in evidence.facts.items():
            values[name] = from_json(city.law().facts[name], raw)
            origins[name] = Origin(kind, label, evidence.recorded_at.date())
    return replace(person, values=values, origins=origins)


def _case_values(applied: date, accepted: date, channel: str) -> dict[str, Value]:
    declared = city.law().facts
    values: dict[str, Value] = {
        "applied_on": applied,
        "accepted_on": accepted,
        "channel": CHANNELS.get(channel, "online"),
    }
    return {name: value for name, value in values.items() if name in declared}


def statements(case: Case) -> dict[str, Value]:
    """What the person said in what they submitted together, by fact; the newest counts."""
    together = Case.objects.filter(person_id=case.person_id, request_key=case.request_key)
    rows = StatedFact.objects.filter(
        person_id=case.person_id, case_id__in=together.values("id"), source="person"
    ).order_by("stated_at", "id")
    facts = city.law().facts
    return {row.fact: from_json(facts[row.fact], row.value) for row in rows if row.fact in facts}


def contradictions(known: Known, stated: Mapping[str, Value], names: Iterable[str]) -> list[Found]:
    """Facts among `names` where what the person said isn't what a register has."""
    relevant = set(names)
    return [
        Found("contradiction", name, {"register": to_json(known.values[name]), "person": to_json(value)})
        for name, value in stated.items()
        if name in relevant
        and name in known.origins
        and known.origins[name].kind == "register"
        and known.values.get(name) != value
    ]


def held(item: Item, known: Known, on: date) -> bool:
    """Whether the person has already what the item gives, even if it begins only next month.

    A sum that is paid one time only (`held_when` says so) is had for good, another one in its month.
    """
    until = known.values.get(item.held_until or "")
    if isinstance(until, Month) and until >= Month.of_date(on):
        return True
    if item.held_when is not None and known.values.get(item.held_when) is True:
        return True
    effect = item.benefit
    if effect is None:
        return False
    ever = effect.per == ONCE and item.held_when is not None
    return any(
        (one.benefit, one.stage) == (effect.code, effect.stage) and (ever or one.last >= Month.of_date(on))
        for one in known.drawn
    )


def beside(rule: str, known: Known, first: Month, last: Month | None = None) -> Item | None:
    """What the person draws in these months that the law doesn't give together with this rule's benefit."""
    excluded = set(city.law().excluded(rule))
    for one in known.drawn:
        item = catalogue.paying(one.benefit, one.stage)
        overlaps = one.last >= first and (last is None or one.first <= last)
        if item is not None and item.rule in excluded and overlaps:
            return item
    return None
