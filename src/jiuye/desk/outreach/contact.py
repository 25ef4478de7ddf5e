"""Telling those who were found: one row a person and benefit, and the message, task or case with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from jiuye.desk import assess, casefacts, catalogue, forms, menu
from jiuye.desk.lacking import Situation
from jiuye.desk.menu import Group, Line
from jiuye.desk.menu_data import HOUSEHOLD, Entry
from jiuye.desk.models import Case, Outreach, PushChoice
from jiuye.desk.models.outreach import OutreachKind, OutreachWay
from jiuye.desk.outreach import words
from jiuye.desk.outreach.practice import Practice
from jiuye.desk.outreach.street import Street
from jiuye.foundation import readlog, scope
from jiuye.policy import State
from jiuye.registry import facts as registers
from jiuye.registry.facts import Facts
from jiuye.registry.models import Person


@dataclass
class Told:
    """`later`: those whose street has enough to do tonight."""

    rows: list[Outreach] = field(default_factory=list)
    opted_out: int = 0
    later: int = 0


def tell(entry: Entry, people: Sequence[UUID], on: date, practice: Practice) -> Told:
    """Tell these people of a benefit, unless they know. Within one transaction, as the system.

    Of two nights at the same moment one wins: the database keeps one row, and only who wrote it sends the
    message.
    """
    out = Told()
    persons = _living(people)
    refused = opted_out(persons)
    out.opted_out = len(refused)
    known = _told(entry, persons, on, practice)
    left = {key: person for key, person in persons.items() if key not in refused and key not in known}
    found = registers.of_people(list(left), on)
    around = _around(entry, found.values(), on)
    streets = Street(on, practice)
    rows: list[Outreach] = []
    members: dict[UUID, Collection[UUID]] = {}
    for key, facts in found.items():
        knows = casefacts.of_facts(facts, on, *around.of(key, facts))
        line = menu.reckon((entry,), Situation.of(knows), on, known=knows).lines[0]
        if not (line.group is Group.ENTITLED or (line.supposes and entry.code in practice.confirm)):
            continue
        row = _row(entry, left[key], facts, knows, line, on)
        if row.way == OutreachWay.TASK and not streets.takes(row.unit_code):
            out.later += 1
            continue
        rows.append(row)
        members[row.pk] = knows.members or ()
    out.rows = written(rows)
    words.send(out.rows)
    streets.give(out.rows)
    if assess.looks_at_household(entry.rules, on):
        for row in out.rows:
            for member in members[row.pk]:
                readlog.record_use(scope.current(), member, "household", unit_code=row.unit_code)
    return out


def written(rows: list[Outreach]) -> list[Outreach]:
    """Those that are new in the database."""
    Outreach.objects.bulk_create(rows, ignore_conflicts=True)
    there = set(Outreach.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk in there]


def opted_out(people: Collection[UUID]) -> set[UUID]:
    """Who doesn't want to be told."""
    rows = PushChoice.objects.filter(person_id__in=list(people), wanted=False)
    return set(rows.values_list("person_id", flat=True))


def _living(people: Iterable[UUID]) -> dict[UUID, Person]:
    rows = Person.objects.filter(pk__in=list(people), merged_into__isnull=True, died_on__isnull=True)
    return {person.pk: person for person in rows.order_by("pk")}


def _told(entry: Entry, people: Mapping[UUID, Person], on: date, practice: Practice) -> set[UUID]:
    """Who knows: told and open, told not long ago, or applying already."""
    since = on - timedelta(days=practice.again_after_days)
    rows = Outreach.objects.filter(benefit=entry.code, kind=OutreachKind.NEW).filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=since)
    )
    homes = {person.household_id: key for key, person in people.items() if person.household_id}
    if entry.audience == HOUSEHOLD:
        told = rows.filter(household_id__in=list(homes)).values_list("household_id", flat=True)
        known = {homes[home] for home in told if home in homes}
    else:
        known = set(rows.filter(person_id__in=list(people)).values_list("person_id", flat=True))
    if entry.item:
        open_ = Case.objects.filter(person_id__in=list(people), item=entry.item, ended_at__isnull=True)
        known |= set(open_.values_list("person_id", flat=True))
    return known


@dataclass(frozen=True)
class _Around:
    """Households and employers of some people, read together."""

    homes: Mapping[UUID, Mapping[UUID, Facts]] | None
    employers: Mapping[UUID, Facts]

    def of(
        self, person: UUID, facts: Facts
    ) -> tuple[Mapping[UUID, casefacts.Values] | None, casefacts.Values | None]:
        members = None
        if self.homes is not None and facts.household is not None:
            at_home = self.homes[facts.household]
            members = {key: casefacts.known(one) for key, one in at_home.items() if key != person}
        employer = self.employers.get(facts.employer) if facts.employer else None
        return members, None if employer is None else casefacts.known(employer)


def _around(entry: Entry, found: Collection[Facts], on: date) -> _Around:
    homes = None
    if assess.looks_at_household(entry.rules, on):
        homes = registers.members_of({one.household for one in found if one.household}, on)
    return _Around(homes, registers.of_employers({one.employer for one in found if one.employer}, on))


def _row(
    entry: Entry, person: Person, facts: Facts, known: casefacts.Known, line: Line, on: date
) -> Outreach:
    names = assess.facts_behind(entry.rules, on)
    money = line.money
    return Outreach(
        person=person,
        household_id=facts.household if entry.audience == HOUSEHOLD else None,
        unit_code=person.unit_code,
        benefit=entry.code,
        kind=OutreachKind.NEW,
        period=on,
        found_on=on,
        way=_way(entry, person, known, line, names, on),
        law_version=line.outcome.version,
        outcome=line.outcome.to_json(),
        facts=known.to_json(name for name in names if known.values.get(name) is not None),
        supposes=list(line.supposes),
        amount_cents=None if money is None else money.total_cents if money.lines else money.cents,
        per="" if money is None or money.lines else money.per,
    )


def _way(entry: Entry, person: Person, known: casefacts.Known, line: Line, names: list[str], on: date) -> str:
    """A doubt needs a person. What has no question left is prepared; by registers alone perhaps done."""
    if line.outcome.recalled or line.outcome.gaps:
        return OutreachWay.TASK
    item = catalogue.item(entry.item) if entry.item else None
    if line.state is not State.MET or item is None or line.bundle is None or not item.automatic:
        return OutreachWay.MESSAGE
    form = forms.form(person.pk, line.bundle.code, on)
    if form.questions or form.nothing_to_do or (form.account is not None and form.account.needed):
        return OutreachWay.MESSAGE
    direct = item.proactive == catalogue.DIRECT and by_registers(known, names)
    return OutreachWay.DIRECT if direct else OutreachWay.PREPARED


def by_registers(known: casefacts.Known, names: Iterable[str]) -> bool:
    """Whether all that is known of these facts comes from registers: nobody's word is taken unasked."""
    return all(known.origins[name].kind == "register" for name in names if name in known.origins)
