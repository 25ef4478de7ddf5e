"""Who has how much: the load of every unit and person below, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q

from jiuye.desk import handling
from jiuye.desk.models import AbsenceCover, Case
from jiuye.desk.models.case import CaseState
from jiuye.foundation import city, clock, scope
from jiuye.foundation.models import Grant, OrgUnit, User
from jiuye.foundation.roles import CASE_STAFF
from jiuye.foundation.scope import Actor

MOST = 500  # lines; a district has fewer


@dataclass(frozen=True)
class Load:
    """Open cases of one person in one unit (user None: nobody's). overdue: past the promised day, the clock
    running; unlawful: past the statutory day; soon: within the city's amber days; asked, parked: waiting.
    """

    unit_code: str
    unit: str
    user_id: int | None
    name: str
    open: int
    overdue: int
    unlawful: int
    soon: int
    asked: int
    parked: int


def loads(actor: Actor) -> list[Load]:
    """Of every unit at and below the actor's, the most overdue first. Three queries, whatever there is."""
    today = clock.today()
    soon = city.calendar().add_working_days(today, handling.current().amber_days).date
    running = Q(paused_on__isnull=True)
    rows = (
        Case.objects.filter(
            ended_at__isnull=True, handled_by__gte=actor.prefix, handled_by__lt=f"{actor.prefix}~"
        )
        .values("handled_by", "assigned_to_id")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=running & Q(promised_due__lt=today)),
            unlawful=Count("pk", filter=running & Q(statutory_due__lt=today)),
            soon=Count("pk", filter=running & Q(promised_due__gte=today, promised_due__lte=soon)),
            asked=Count("pk", filter=Q(state=CaseState.ASKED)),
            parked=Count("pk", filter=Q(parked_until__gt=today)),
        )
        .order_by(F("overdue").desc(), F("open").desc(), "handled_by", "assigned_to_id")[:MOST]
    )
    found = list(rows)
    names = _names(row["assigned_to_id"] for row in found)
    codes = {str(row["handled_by"]) for row in found}
    units = dict(OrgUnit.objects.filter(pk__in=codes).values_list("pk", "name"))
    return [
        Load(
            unit_code=str(row["handled_by"]),
            unit=units.get(str(row["handled_by"]), str(row["handled_by"])),
            user_id=row["assigned_to_id"],
            name=names.get(row["assigned_to_id"] or 0, ""),
            **{key: row[key] for key in ("open", "overdue", "unlawful", "soon", "asked", "parked")},
        )
        for row in found
    ]


@dataclass(frozen=True)
class Colleague:
    """Somebody who works on cases at or below the actor's unit, in one role."""

    grant_id: int
    user_id: int
    name: str
    role: str
    unit: str


def colleagues(actor: Actor) -> list[Colleague]:
    """Everybody with a right of case staff at or below the unit today. One query."""
    with scope.elevated("names of colleagues"):
        grants = (
            Grant.objects.active(clock.today())
            .filter(unit__code__startswith=actor.prefix, role__in=[role.value for role in CASE_STAFF])
            .select_related("user", "unit")
            .order_by("unit_id", "user__display_name", "pk")[:MOST]
        )
        return [
            Colleague(
                grant.pk,
                grant.user_id,
                grant.user.display_name,
                grant.role,
                grant.unit.name if grant.unit else "",
            )
            for grant in grants
        ]


def covers(actor: Actor, on: date | None = None) -> list[AbsenceCover]:
    """Who stands in for whom on that day or later, at or below the unit, the first to begin first."""
    day = on or clock.today()
    rows = AbsenceCover.objects.filter(ends_on__gte=day, ended_at__isnull=True)
    return list(rows.select_related("absent", "colleague").order_by("starts_on", "id")[:MOST])


def _names(users: Iterable[int | None]) -> dict[int, str]:
    known = {user for user in users if user is not None}
    return dict(User.objects.filter(pk__in=known).values_list("pk", "display_name"))
