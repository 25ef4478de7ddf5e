"""Telling the people who were found: one row a person and benefit, and the message, task or case with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import Q, QuerySet

from jiuye.desk import assess, casefacts, catalogue, city, forms, menu, menu_data, watched
from jiuye.desk.lacking import Situation
from jiuye.desk.menu import Line
from jiuye.desk.menu_data import HOUSEHOLD, Entry
from jiuye.desk.models import Case, Outreach
from jiuye.desk.models.outreach import OutreachKind, OutreachWay
from jiuye.desk.outreach import addressees, rivals, words
from jiuye.desk.outreach.practice import Practice
from jiuye.desk.outreach.rows import written
from jiuye.desk.outreach.street import Street
from jiuye.foundation import readlog, scope
from jiuye.policy import State
from jiuye.registry import facts as registers
from jiuye.registry.facts import Facts
from jiuye.registry.models import PayeeAccount, Person


@dataclass
class Told:
    """`later`: those whose street has enough to do tonight. `instead`: those who have, or are told of,
    another benefit that excludes it. `kept_back`: employers so small that they would know who is meant.
    """

    rows: list[Outreach] = field(default_factory=list)
    opted_out: int = 0
    later: int = 0
    instead: int = 0
    kept_back: int = 0


def tell(entry: Entry, people: Sequence[UUID], on: date, practice: Practice) -> Told:
    """Tell these people of a benefit, unless they know. Within one transaction, as the system.

    Of two nights at the same moment one wins: the database keeps one row, and only who wrote it sends the
    message.
    """
    out = Told()
    persons = addressees.people(people, on, practice)
    refused = addressees.opted_out(persons)
    out.opted_out = len(refused)
    known = _told(entry, persons, on, practice)
    left = {key: person for key, person in persons.items() if key not in refused and key not in known}
    group = rivals.of(entry)
    found = registers.of_people(list(left), on, facts_needed(group, on))
    around = _around(group, found.values(), on)
    drawn = casefacts.drawn_by(list(found))
    applied = rivals.applying(group, left) if len(group) > 1 else {}
    payable = _payable(list(found))
    streets = Street(on, practice)
    names = assess.facts_behind(entry.rules, on)
    rows: list[Outreach] = []
    members: dict[UUID, Collection[UUID]] = {}
    for key, facts in found.items():
        about = casefacts.of_facts(facts, on, *around.of(key, facts))
        knows = replace(about, drawn=drawn.get(key, ()))
        lines = menu.reckon(group, Situation.of(knows), on, known=knows).lines
        line = next(one for one in lines if one.entry is entry)
        if not rivals.offered(line, practice):
            continue
        chosen = rivals.choose(lines, practice, applied.get(key, ()))
        if not chosen.has(entry.code):
            out.instead += 1
            continue
        row = _row(entry, left[key], facts, knows, line, names, payable)
        row.choice = rivals.to_json(line, chosen.beside.get(entry.code, ()))
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


def facts_needed(group: Iterable[Entry], on: date, entity: str = "person") -> tuple[str, ...]:
    """Every fact of a person, or an employer, that the lines of these entries may look at."""
    return _needed(city.law().version, tuple(entry.code for entry in group), on, entity)


@lru_cache(maxsize=256)
def _needed(version: str, codes: tuple[str, ...], on: date, entity: str) -> tuple[str, ...]:
    law = city.law()
    rules: set[str] = set()
    names: set[str | None] = set()
    for entry in menu_data.current().entries:
        if entry.code not in codes:
            continue
        rules.update(entry.rules)
        names |= {entry.held_when, *entry.documents}
        item = catalogue.find(entry.item)
        for one in (item, catalogue.find(item.after) if item else None):
            if one is not None:
                rules.update((*one.rules, *watched.rules(one.code)))
                names |= {one.held_when, one.held_until, *one.made(on)}
    names.update(assess.facts_behind(sorted(rules), on))
    return tuple(sorted(name for name in names if name and law.facts[name].entity == entity))


def lately(entry: Entry, on: date, practice: Practice) -> QuerySet[Outreach]:
    """Rows of those who know: told and open, or told not long ago."""
    since = on - timedelta(days=practice.again_after_days)
    return Outreach.objects.filter(benefit=entry.code, kind=OutreachKind.NEW).filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=since)
    )


def _told(entry: Entry, people: Mapping[UUID, Person], on: date, practice: Practice) -> set[UUID]:
    """Who knows, or is applying already."""
    rows = lately(entry, on, practice)
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


def _around(group: Sequence[Entry], found: Collection[Facts], on: date) -> _Around:
    homes, employers = None, {}
    if any(assess.looks_at_household(entry.rules, on) for entry in group):
        at_home = {one.household for one in found if one.household}
        homes = registers.members_of(at_home, on, facts_needed(group, on))
    if theirs := facts_needed(group, on, "employer"):
        employers = registers.of_employers({one.employer for one in found if one.employer}, on, theirs)
    return _Around(homes, employers)


def _row(
    entry: Entry,
    person: Person,
    facts: Facts,
    known: casefacts.Known,
    line: Line,
    names: list[str],
    payable: Collection[UUID],
) -> Outreach:
    cents, per = money(line)
    return Outreach(
        person=person,
        household_id=facts.household if entry.audience == HOUSEHOLD else None,
        unit_code=person.unit_code,
        benefit=entry.code,
        kind=OutreachKind.NEW,
        period=line.on,
        found_on=line.on,
        way=_way(entry, person, known, line, names, payable),
        law_version=line.outcome.version,
        outcome=line.outcome.to_json(),
        facts=known.to_json(name for name in names if known.values.get(name) is not None),
        supposes=list(line.supposes),
        amount_cents=cents,
        per=per,
    )


def money(line: Line) -> tuple[int | None, str]:
    """Cents, and how often: month, once, year; "" for the sum of all months."""
    if line.money is None:
        return None, ""
    return (line.money.total_cents, "") if line.money.lines else (line.money.cents, line.money.per)


def _payable(people: Collection[UUID]) -> set[UUID]:
    """Of whom an account is known."""
    accounts = PayeeAccount.objects.filter(person_id__in=list(people), replaced_at__isnull=True)
    return set(accounts.values_list("person_id", flat=True))


def _way(
    entry: Entry,
    person: Person,
    known: casefacts.Known,
    line: Line,
    names: list[str],
    payable: Collection[UUID],
) -> str:
    """A doubt needs a person. What has no question left is prepared; by registers alone perhaps done."""
    if line.outcome.recalled or line.outcome.gaps:
        return OutreachWay.TASK
    item = catalogue.find(entry.item)
    if item is not None and watched.met(item.code, known, line.on):
        return OutreachWay.TASK
    if line.state is not State.MET or item is None or line.bundle is None or not item.automatic:
        return OutreachWay.MESSAGE
    if item.pays and person.pk not in payable:  # the form, which takes its time, would ask for the account
        return OutreachWay.MESSAGE
    form = forms.form(person.pk, line.bundle.code, line.on)
    if form.questions or form.nothing_to_do or (form.account is not None and form.account.needed):
        return OutreachWay.MESSAGE
    direct = item.proactive == catalogue.DIRECT and by_registers(known, names)
    return OutreachWay.DIRECT if direct else OutreachWay.PREPARED


def by_registers(known: casefacts.Known, names: Iterable[str]) -> bool:
    """Whether all that is known of these facts comes from registers: nobody's word is taken unasked."""
    return all(known.origins[name].kind == "register" for name in names if name in known.origins)
