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
from jiuye.desk.models import Case, EmployerCase, Outreach
from jiuye.desk.models.outreach import OutreachEnd, OutreachKind, OutreachWay
from jiuye.desk.outreach import addressees, rivals, words
from jiuye.desk.outreach.practice import Practice
from jiuye.desk.outreach.rows import written
from jiuye.desk.outreach.search import Search
from jiuye.desk.outreach.street import Street
from jiuye.policy.law import Expiry
from jiuye.registry.models import PersonEvent

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


def tell_of_endings(found: Sequence[Ending], on: date, practice: Practice) -> list[Outreach]:
    """Rows and messages for those who want them. Told once an ending."""
    there = addressees.people([one.person_id for one in found], on, practice)
    refused = addressees.opted_out(there)
    known = set(
        Outreach.objects.filter(kind=OutreachKind.ENDING, person_id__in=list(there)).values_list(
            "person_id", "benefit", "period"
        )
    )
    return _tell(
        on,
        (
            Outreach(
                person_id=one.person_id,
                unit_code=one.unit_code,
                benefit=one.benefit,
                period=one.last,
                outcome={"ends": "award"},
            )
            for one in found
            if one.person_id in there.keys() - refused and (one.person_id, one.benefit, one.last) not in known
        ),
    )


def of_law(on: date, practice: Practice) -> dict[str, Expiry]:
    """benefit -> what of its law ends soon with nothing to follow, the soonest."""
    expiries = city.law().expiring(on, practice.law_ending_days)
    found: dict[str, Expiry] = {}
    for entry in menu_data.current().entries if expiries else ():
        if entry.code in practice.silent:
            continue
        names = assess.names_behind(entry.rules, on)
        if ending := next((one for one in expiries if one.name in names), None):
            found[entry.code] = ending
    return found


def waiting(benefit: str, last: date) -> list[UUID]:
    """Open rows of whoever was found, has not applied and was not told of this ending."""
    told = Outreach.objects.filter(benefit=benefit, kind=OutreachKind.ENDING, period=last)
    told = told.filter(Q(person=OuterRef("person")) | Q(employer=OuterRef("employer")))
    rows = Outreach.objects.filter(
        ~Exists(told), benefit=benefit, kind=OutreachKind.NEW, ended_on__isnull=True
    )
    return list(rows.order_by("id").values_list("pk", flat=True))


def tell_of_law(ids: Sequence[UUID], ending: Expiry, on: date, practice: Practice) -> list[Outreach]:
    """Those who were found and have not applied: until when they can."""
    return _tell(
        on,
        (
            Outreach(
                person_id=row.person_id,
                employer_id=row.employer_id,
                unit_code=row.unit_code,
                benefit=row.benefit,
                period=ending.last,
                outcome={"ends": "law", "kind": ending.kind, "name": ending.name},
            )
            for row in _still(ids, on, practice)
        ),
    )


def _tell(on: date, rows: Iterable[Outreach]) -> list[Outreach]:
    today = list(rows)
    for row in today:
        row.kind, row.way, row.found_on = OutreachKind.ENDING, OutreachWay.MESSAGE, on
        row.law_version = city.law().version
    fresh = written(today)
    words.send(fresh)
    return fresh


def _still(ids: Sequence[UUID], on: date, practice: Practice) -> list[Outreach]:
    """Open rows, the oldest first, of those who may still be written to and want to be."""
    rows = list(Outreach.objects.filter(pk__in=list(ids), ended_on__isnull=True).order_by("found_on", "id"))
    there = set(addressees.people([row.person_id for row in rows if row.person_id], on, practice))
    there |= set(addressees.employers([row.employer_id for row in rows if row.employer_id], on))
    there -= addressees.opted_out(there)
    return [row for row in rows if (row.person_id or row.employer_id) in there]


def settle(benefit: str, found: Search, on: date) -> int:
    """Close what is over: applied for or held, had instead, or no longer to be had. How many."""
    entry = found.entries[benefit]
    rows = Outreach.objects.filter(benefit=benefit, ended_on__isnull=True).exclude(kind=OutreachKind.ENDING)
    applied = Case.objects.filter(
        person=OuterRef("person"), item=entry.item or "", submitted_at__date__gte=OuterRef("found_on")
    )
    by_firm = EmployerCase.objects.filter(
        employer=OuterRef("employer"), item=entry.item or "", submitted_at__date__gte=OuterRef("found_on")
    )
    asked = rows.annotate(applied=Exists(applied) | Exists(by_firm))
    open_ = list(asked.values_list("pk", "person_id", "employer_id", "applied"))
    places = found.rows_of(benefit, [person or employer for _pk, person, employer, _applied in open_])
    may, held = set(found.entitled[benefit].tolist()), set(found.held[benefit].tolist())
    rivals_held: set[int] = set()
    for rival in rivals.direct(entry):
        rivals_held.update(found.held[rival.code].tolist() if rival.code in found.held else ())
    over: dict[str, list[UUID]] = {}
    for (pk, _person, _employer, has_applied), place in zip(open_, places.tolist(), strict=True):
        if has_applied or place in held:
            over.setdefault(OutreachEnd.CLAIMED, []).append(pk)
        elif place in rivals_held:
            over.setdefault(OutreachEnd.INSTEAD, []).append(pk)
        elif place not in may:
            over.setdefault(OutreachEnd.LAPSED, []).append(pk)
    return sum(close(ids, end, on) for end, ids in over.items())


def close(ids: Sequence[UUID], end: str, on: date) -> int:
    return Outreach.objects.filter(pk__in=list(ids), ended_on__isnull=True).update(ended_on=on, end=end)


def pass_by(on: date, practice: Practice) -> int:
    """Endings whose day is over, and offers to those who have died, left, or whose file is another's now."""
    open_ = Outreach.objects.filter(ended_on__isnull=True)
    left = PersonEvent.objects.filter(
        Q(end__isnull=True) | Q(end__gte=on),
        person=OuterRef("person"),
        kind__in=sorted(practice.gone),
        start__lte=on,
    )
    gone = Q(person__died_on__lte=on) | Q(person__merged_into__isnull=False) | Q(employer__closed_on__lte=on)
    over = open_.filter(gone | Exists(left)).update(ended_on=on, end=OutreachEnd.LAPSED)
    passed = open_.filter(kind=OutreachKind.ENDING, period__lt=on)
    return over + passed.update(ended_on=on, end=OutreachEnd.PASSED)


def unclaimed(on: date, practice: Practice) -> list[UUID]:
    """Rows told so long ago of which nothing came; nobody has been asked to ring up, and none has applied for
    another benefit that excludes it."""
    asked = Outreach.objects.filter(benefit=OuterRef("benefit"), kind=OutreachKind.UNCLAIMED).filter(
        Q(person=OuterRef("person")) | Q(employer=OuterRef("employer")),
        Q(ended_on__isnull=True) | Q(period=OuterRef("period")),
    )
    rows = Outreach.objects.filter(
        ~Exists(asked),
        kind=OutreachKind.NEW,
        ended_on__isnull=True,
        way__in=[OutreachWay.MESSAGE, OutreachWay.PREPARED],
        found_on__lte=on - timedelta(days=practice.unclaimed_days),
    )
    for entry in menu_data.current().entries:
        if items := [rival.item for rival in rivals.direct(entry) if rival.item]:
            chosen = Case.objects.filter(
                person=OuterRef("person"), item__in=items, submitted_at__date__gte=OuterRef("found_on")
            )
            rows = rows.exclude(Exists(chosen), benefit=entry.code)
    return list(rows.order_by("found_on", "id").values_list("pk", flat=True))


def ask_streets(ids: Sequence[UUID], on: date, practice: Practice) -> list[Outreach]:
    """A task of the street, for an employer of the district, for each, as far as it can take one tonight."""
    streets = Street(on, practice)
    copied = (
        "person_id", "household_id", "employer_id", "unit_code", "benefit", "period", "law_version",
        "outcome", "facts", "supposes", "choice", "amount_cents", "per", "request_key",
    )  # fmt: skip
    rows = [
        Outreach(
            kind=OutreachKind.UNCLAIMED,
            found_on=on,
            way=OutreachWay.TASK,
            **{name: getattr(row, name) for name in copied},
        )
        for row in _still(ids, on, practice)
        if streets.takes(row.unit_code, district=row.employer_id is not None)
    ]
    fresh = written(rows)
    streets.give(fresh)
    return fresh
