"""Policy finds people, read: one's own offers, the list of a unit, the numbers by benefit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from jiuye.desk.models import EmployerCase, Outreach, OutreachRun, PushChoice
from jiuye.desk.models.outreach import OutreachEnd, OutreachKind, OutreachWay
from jiuye.foundation import readlog, scope
from jiuye.foundation.errors import NotFound
from jiuye.foundation.scope import Actor

PAGE = 50
OFFERS = (OutreachKind.NEW, OutreachKind.UNCLAIMED)


@dataclass(frozen=True)
class Numbers:
    """Of one benefit. `waiting`: told, and nothing came of it yet; `opted_out`: as the last night counted."""

    benefit: str
    found: int
    contacted: int
    prepared: int
    claimed: int
    waiting: int
    lapsed: int
    declined: int
    opted_out: int


def my_offers(person_id: UUID) -> list[Outreach]:
    """What a person was told and has not answered, newest first; of each benefit one."""
    rows = Outreach.objects.filter(person_id=person_id, ended_on__isnull=True, kind=OutreachKind.NEW)
    shown = rows.filter(way__in=[OutreachWay.MESSAGE, OutreachWay.PREPARED])
    return list(shown.order_by("-found_on", "benefit"))


def my_offer(person_id: UUID, outreach_id: UUID) -> Outreach:
    """NotFound when it isn't theirs."""
    row = Outreach.objects.select_related("case").filter(pk=outreach_id, person_id=person_id).first()
    if row is None:
        raise NotFound
    return row


def employer_offers(employer_id: UUID) -> list[Outreach]:
    """What an employer was told, newest first; of each benefit the newest."""
    rows = Outreach.objects.filter(employer_id=employer_id, kind=OutreachKind.NEW)
    shown = rows.filter(way__in=[OutreachWay.MESSAGE, OutreachWay.PREPARED])
    newest = shown.order_by("benefit", "-found_on").distinct("benefit")
    return sorted(newest, key=lambda row: (row.ended_on is None, row.found_on), reverse=True)


def employer_offer(employer_id: UUID, outreach_id: UUID) -> Outreach:
    """NotFound when it isn't that employer's."""
    row = Outreach.objects.filter(pk=outreach_id, employer_id=employer_id).first()
    if row is None:
        raise NotFound
    return row


def employer_case_of(row: Outreach) -> EmployerCase | None:
    """The application that came of an offer."""
    return EmployerCase.objects.filter(employer=row.employer, request_key=row.request_key).first()


def employer_wants_push(employer_id: UUID) -> bool:
    """Whether the employer wants to be told; yes until it says otherwise."""
    choice = PushChoice.objects.filter(employer_id=employer_id).first()
    return choice is None or choice.wanted


def wants_push(person_id: UUID) -> bool:
    """Whether the person wants to be told; yes until they say otherwise."""
    choice = PushChoice.objects.filter(person_id=person_id).first()
    return choice is None or choice.wanted


def outreach_list(actor: Actor, *, benefit: str = "", after: str = "") -> tuple[list[Outreach], str]:
    """Who was found in the actor's unit, newest first; the key to go on after. One query."""
    rows = scope.within(Outreach.objects.select_related("person", "employer"))
    if benefit:
        rows = rows.filter(benefit=benefit)
    if after:
        try:
            rows = rows.filter(pk__lt=UUID(after))
        except ValueError as error:
            raise NotFound from error
    page = list(rows.order_by("-pk")[: PAGE + 1])
    return page[:PAGE], str(page[PAGE - 1].pk) if len(page) > PAGE else ""


def outreach_of(actor: Actor, outreach_id: UUID) -> Outreach:
    """One of them with its reasons; the read log keeps who looked. NotFound outside the actor's scope."""
    rows = Outreach.objects.select_related("person", "employer", "case", "task")
    row = rows.filter(pk=outreach_id).first()
    if row is None:
        raise NotFound
    if row.person_id is not None:
        readlog.record_read(actor, row.person_id, "outreach", unit_code=row.unit_code)
    return row


def outreach_numbers(unit: str = "") -> list[Numbers]:
    """By benefit, below a unit as far as the actor sees it. Two queries."""
    rows = Outreach.objects.filter(kind__in=OFFERS)
    if unit:
        rows = scope.below(rows, unit)
    new, ended = Q(kind=OutreachKind.NEW), Q(kind=OutreachKind.NEW, ended_on__isnull=False)
    counted = rows.values("benefit").annotate(
        found=Count("id", filter=new),
        contacted=Count("id"),
        prepared=Count("id", filter=Q(way__in=[OutreachWay.PREPARED, OutreachWay.DIRECT])),
        claimed=Count("id", filter=ended & Q(end=OutreachEnd.CLAIMED)),
        waiting=Count("id", filter=new & Q(ended_on__isnull=True)),
        lapsed=Count("id", filter=ended & Q(end=OutreachEnd.LAPSED)),
        declined=Count("id", filter=ended & Q(end=OutreachEnd.DECLINED)),
    )
    last = last_night()
    counts: Mapping[str, Any] = last.numbers if last and not unit else {}
    found = [
        Numbers(**row, opted_out=int(counts.get(row["benefit"], {}).get("opted_out", 0)))
        for row in counted.order_by("benefit")
    ]
    return sorted(found, key=lambda one: (-one.found, one.benefit))


def last_night() -> OutreachRun | None:
    """The newest run that came to its end."""
    return OutreachRun.objects.filter(finished_at__isnull=False).order_by("-on").first()
