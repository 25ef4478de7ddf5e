"""What ends, what was claimed, what nobody claimed, as the registers have it tonight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from jiuye.desk import assess, city, menu_data
from jiuye.desk.menu_data import EMPLOYER
from jiuye.desk.models import Case, Outreach
from jiuye.desk.models.outreach import OutreachEnd, OutreachKind, OutreachWay
from jiuye.desk.outreach import words
from jiuye.desk.outreach.contact import opted_out, written
from jiuye.desk.outreach.practice import Practice
from jiuye.desk.outreach.search import Search
from jiuye.desk.outreach.street import Street
from jiuye.policy.law import Expiry

#: person, unit, code of the register, last day; awards that nothing follows, and open registrations.
_ENDING: Final = """
SELECT b.person_id, b.unit_code, b.benefit,
       (b.last_month + interval '1 month' - interval '1 day')::date AS last
  FROM registry_benefitperiod b
 WHERE b.stopped_from IS NULL
   AND b.last_month BETWEEN date_trunc('month', %(on)s::date) AND %(until)s::date
   AND b.last_month + interval '1 month' - interval '1 day' <= %(until)s::date
   AND NOT EXISTS (SELECT FROM registry_benefitperiod n WHERE n.person_id = b.person_id
                      AND n.benefit = b.benefit AND n.first_month > b.last_month)
UNION ALL
SELECT r.person_id, r.unit_code, 'registration:' || r.kind, r.expires_on
  FROM registry_registration r
 WHERE r.closed_on IS NULL AND r.expires_on BETWEEN %(on)s::date AND %(until)s::date
 ORDER BY 1, 3
"""


@dataclass(frozen=True)
class Ending:
    """An award or a registration that ends soon, as the benefit of the menu."""

    person_id: UUID
    unit_code: str
    benefit: str
    last: date


def endings(on: date, practice: Practice) -> list[Ending]:
    """Who loses what within the days of the practice; one query, whose cost follows the registers of it."""
    known = {entry.code for entry in menu_data.current().entries} - practice.silent
    with connection.cursor() as cursor:
        cursor.execute(_ENDING, {"on": on, "until": on + timedelta(days=practice.ending_days)})
        rows = cursor.fetchall()
    found = []
    for person, unit, code, last in rows:
        kind = str(code).partition("registration:")[2]
        benefit = practice.registrations.get(kind, "") if kind else code
        if benefit in known:
            found.append(Ending(person, unit, benefit, last))
    return found


def tell_of_endings(found: Sequence[Ending], on: date) -> list[Outreach]:
    """Rows and messages for those who want them. Told once an ending."""
    refused = opted_out([one.person_id for one in found])
    known = set(
        Outreach.objects.filter(
            kind=OutreachKind.ENDING, person_id__in=[one.person_id for one in found]
        ).values_list("person_id", "benefit", "period")
    )
    rows = [
        _ending(one.person_id, one.unit_code, one.benefit, one.last, on, {"ends": "award"})
        for one in found
        if one.person_id not in refused and (one.person_id, one.benefit, one.last) not in known
    ]
    fresh = written(rows)
    words.send(fresh)
    return fresh


def of_law(on: date, practice: Practice) -> dict[str, Expiry]:
    """benefit -> what of its law ends soon with nothing to follow, the soonest."""
    expiries = city.law().expiring(on, practice.law_ending_days)
    found: dict[str, Expiry] = {}
    for entry in menu_data.current().entries if expiries else ():
        if entry.audience == EMPLOYER or entry.code in practice.silent:
            continue
        names = assess.names_behind(entry.rules, on)
        if ending := next((one for one in expiries if one.name in names), None):
            found[entry.code] = ending
    return found


def tell_of_law(benefit: str, ending: Expiry, people: Iterable[tuple[UUID, str]], on: date) -> list[Outreach]:
    """Those who were found and have not applied: until when they can."""
    outcome = {"ends": "law", "kind": ending.kind, "name": ending.name}
    rows = [_ending(person, unit, benefit, ending.last, on, outcome) for person, unit in people]
    fresh = written(rows)
    words.send(fresh)
    return fresh


def waiting(benefit: str, last: date) -> list[tuple[UUID, str]]:
    """(person, unit) of whoever was found, has not applied and was not told of this ending."""
    told = Outreach.objects.filter(
        person=OuterRef("person"), benefit=benefit, kind=OutreachKind.ENDING, period=last
    )
    rows = Outreach.objects.filter(
        ~Exists(told), benefit=benefit, kind=OutreachKind.NEW, ended_on__isnull=True
    )
    return list(rows.order_by("person_id").values_list("person_id", "unit_code"))


def _ending(person: UUID, unit: str, benefit: str, last: date, on: date, outcome: dict[str, str]) -> Outreach:
    return Outreach(
        person_id=person,
        unit_code=unit,
        benefit=benefit,
        kind=OutreachKind.ENDING,
        period=last,
        found_on=on,
        way=OutreachWay.MESSAGE,
        law_version=city.law().version,
        outcome=outcome,
    )


def settle(benefit: str, found: Search, on: date) -> int:
    """Close what is over: applied for or held, or no longer to be had. How many."""
    entry = found.entries[benefit]
    rows = Outreach.objects.filter(benefit=benefit, ended_on__isnull=True).exclude(kind=OutreachKind.ENDING)
    applied = Case.objects.filter(
        person=OuterRef("person"), item=entry.item or "", submitted_at__date__gte=OuterRef("found_on")
    )
    open_ = list(rows.annotate(applied=Exists(applied)).values_list("pk", "person_id", "applied"))
    places = found.rows_of([person for _pk, person, _applied in open_])
    may, held = set(found.entitled[benefit].tolist()), set(found.held[benefit].tolist())
    claimed = [
        pk for (pk, _p, applied_), at in zip(open_, places, strict=True) if applied_ or int(at) in held
    ]
    lapsed = [
        pk
        for (pk, _p, applied_), at in zip(open_, places, strict=True)
        if not applied_ and int(at) not in held and int(at) not in may
    ]
    return close(claimed, OutreachEnd.CLAIMED, on) + close(lapsed, OutreachEnd.LAPSED, on)


def close(ids: Sequence[UUID], end: str, on: date) -> int:
    return Outreach.objects.filter(pk__in=list(ids), ended_on__isnull=True).update(ended_on=on, end=end)


def pass_by(on: date) -> int:
    """Endings whose day is over."""
    rows = Outreach.objects.filter(kind=OutreachKind.ENDING, ended_on__isnull=True, period__lt=on)
    return rows.update(ended_on=on, end=OutreachEnd.PASSED)


def unclaimed(on: date, practice: Practice) -> list[UUID]:
    """Rows told so long ago of which nothing came; the street has not been asked to ring up."""
    asked = Outreach.objects.filter(
        person=OuterRef("person"), benefit=OuterRef("benefit"), kind=OutreachKind.UNCLAIMED
    ).filter(Q(ended_on__isnull=True) | Q(period=OuterRef("period")))
    rows = Outreach.objects.filter(
        ~Exists(asked),
        kind=OutreachKind.NEW,
        ended_on__isnull=True,
        way__in=[OutreachWay.MESSAGE, OutreachWay.PREPARED],
        found_on__lte=on - timedelta(days=practice.unclaimed_days),
    )
    return list(rows.order_by("found_on", "id").values_list("pk", flat=True))


def ask_streets(ids: Sequence[UUID], on: date, practice: Practice) -> list[Outreach]:
    """A task of the street for each, as far as the street can take one tonight."""
    streets = Street(on, practice)
    told = list(Outreach.objects.filter(pk__in=list(ids), ended_on__isnull=True).order_by("found_on", "id"))
    refused = opted_out([row.person_id for row in told])
    rows = [
        Outreach(
            person_id=row.person_id,
            household_id=row.household_id,
            unit_code=row.unit_code,
            benefit=row.benefit,
            kind=OutreachKind.UNCLAIMED,
            period=row.period,
            found_on=on,
            way=OutreachWay.TASK,
            law_version=row.law_version,
            outcome=row.outcome,
            facts=row.facts,
            supposes=row.supposes,
            amount_cents=row.amount_cents,
            per=row.per,
            request_key=row.request_key,
        )
        for row in told
        if row.person_id not in refused and streets.takes(row.unit_code)
    ]
    fresh = written(rows)
    streets.give(fresh)
    return fresh
