"""Figures by district or street. They are counted over everybody's rows, so only totals leave this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from jiuye.cities.city import city
from jiuye.desk.models import Case, LawVersion
from jiuye.desk.models.case import OPEN_STATES
from jiuye.foundation import scope
from jiuye.foundation.errors import Forbidden, NotFound
from jiuye.foundation.models import OrgUnit
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.insight.definitions import small_cell
from jiuye.insight.models import LawComparison

CHILD_DIGITS = {2: 6, 6: 9, 9: 12}  # length of a unit's code -> length of the codes below it
MAY_SEE = {Role.CITY_LEAD, Role.AUDITOR}


@dataclass(frozen=True)
class Period:
    """First and last day, both included."""

    first: date
    last: date

    def before(self) -> Period:
        """The period of the same length that ended the day before."""
        days = (self.last - self.first).days + 1
        return Period(self.first - timedelta(days=days), self.first - timedelta(days=1))


@dataclass(frozen=True)
class UnitFigures:
    """`days` and `rating` are None below the smallest cell that may be shown; money in cents."""

    code: str
    name: str
    submitted: int = 0
    ended: int = 0
    open: int = 0
    late: int = 0
    days: Decimal | None = None
    paid_cents: int = 0
    rating: Decimal | None = None
    ratings: int = 0

    def value(self, figure: str) -> Decimal | int | None:
        found: Decimal | int | None = self.paid_cents if figure == "paid" else getattr(self, figure)
        return found


# One pass per register; a working day is a row number in the calendar, so a length is a difference.
_CASES = """
WITH workday AS (SELECT day, n FROM unnest(%(days)s::date[], %(numbers)s::int[]) AS w(day, n))
SELECT left(c.unit_code, %(digits)s) AS unit,
       count(*) FILTER (WHERE c.submitted_at >= %(start)s AND c.submitted_at < %(stop)s) AS submitted,
       count(*) FILTER (WHERE c.ended_at >= %(start)s AND c.ended_at < %(stop)s) AS ended,
       count(*) FILTER (WHERE c.ended_at IS NULL) AS open,
       count(*) FILTER (
           WHERE c.ended_at IS NULL AND c.paused_on IS NULL AND c.promised_due < %(today)s) AS late,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY b.n - a.n)
           FILTER (WHERE c.ended_at >= %(start)s AND c.ended_at < %(stop)s) AS days
FROM desk_case c
LEFT JOIN workday a ON a.day = c.started_on
LEFT JOIN workday b ON b.day = c.closed_on
WHERE c.unit_code >= %(unit)s AND c.unit_code < %(unit)s || '~'
  AND (c.ended_at IS NULL OR c.ended_at >= %(start)s OR c.submitted_at >= %(start)s)
GROUP BY 1
"""
_PAID = """
SELECT left(unit_code, %(digits)s), sum(amount_cents)::bigint FROM funds_payment
WHERE state = 'paid' AND settled_on BETWEEN %(first)s AND %(last)s
  AND unit_code >= %(unit)s AND unit_code < %(unit)s || '~'
GROUP BY 1
"""
_RATED = """
SELECT left(unit_code, %(digits)s), avg(score), count(*) FROM desk_rating
WHERE rated_at >= %(start)s AND rated_at < %(stop)s AND unit_code >= %(unit)s AND unit_code < %(unit)s || '~'
GROUP BY 1
"""


def by_unit(actor: Actor, unit: str, period: Period, today: date) -> list[UnitFigures]:
    """One row for every unit directly below `unit`, in the order of their codes; NotFound outside the scope.

    People whose street is not known are counted in a row of `unit` itself, when there are any.
    """
    _may(actor, unit)
    digits = CHILD_DIGITS.get(len(unit))
    if digits is None:
        raise NotFound
    found = _count(unit, digits, period, today)
    names = dict(OrgUnit.objects.filter(parent_id=unit).order_by("code").values_list("code", "name"))
    rows = [UnitFigures(code, name, **found.get(code, {})) for code, name in names.items()]
    rest = [code for code in found if code not in names]
    rows.extend(UnitFigures(code, OrgUnit.objects.get(code=unit).name, **found[code]) for code in rest)
    return rows


def total(actor: Actor, unit: str, period: Period, today: date) -> UnitFigures:
    """The same figures for the unit as a whole."""
    _may(actor, unit)
    row = OrgUnit.objects.filter(code=unit).first()
    if row is None:
        raise NotFound
    return UnitFigures(unit, row.name, **_count(unit, len(unit), period, today).get(unit, {}))


def late_cases(actor: Actor, unit: str, today: date, limit: int = 50) -> list[dict[str, Any]]:
    """The open cases past their promised date, longest first: number, item, state, due date; no person."""
    _may(actor, unit)
    with scope.elevated("statistics"):
        rows = (
            Case.objects.filter(
                state__in=OPEN_STATES,
                ended_at=None,
                paused_on=None,
                promised_due__lt=today,
                unit_code__gte=unit,
                unit_code__lt=unit + "~",
            )
            .order_by("promised_due", "number")
            .values("number", "item", "state", "promised_due", "handled_by")[:limit]
        )
        return [dict(row) for row in rows]


def _may(actor: Actor, unit: str) -> None:
    if actor.role not in MAY_SEE:
        raise Forbidden
    if not unit.startswith(actor.prefix):
        raise NotFound


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _count(unit: str, digits: int, period: Period, today: date) -> dict[str, dict[str, Any]]:
    calendar = city().calendar
    days = [
        period.first - timedelta(days=400) + timedelta(days=i)
        for i in range((period.last - period.first).days + 402)
    ]
    number, numbers = 0, []
    for day in days:
        number += calendar.is_working_day(day)
        numbers.append(number)
    values: dict[str, Any] = {
        "unit": unit,
        "digits": digits,
        "first": period.first,
        "last": period.last,
        "start": _midnight(period.first),
        "stop": _midnight(period.last + timedelta(days=1)),
        "today": today,
        "days": days,
        "numbers": numbers,
    }
    least = small_cell()
    found: dict[str, dict[str, Any]] = {}
    with scope.elevated("statistics"), connection.cursor() as cursor:
        cursor.execute(_CASES, values)
        for code, submitted, ended, still_open, late, median in cursor.fetchall():
            shown = median is not None and ended >= least
            found[code] = {
                "submitted": submitted,
                "ended": ended,
                "open": still_open,
                "late": late,
                "days": Decimal(str(median)).normalize() if shown else None,
            }
        cursor.execute(_PAID, values)
        for code, cents in cursor.fetchall():
            found.setdefault(code, {})["paid_cents"] = cents
        cursor.execute(_RATED, values)
        for code, mean, count in cursor.fetchall():
            row = found.setdefault(code, {})
            row["ratings"] = count
            row["rating"] = mean.quantize(Decimal("0.01")) if count >= least else None
    return found


# -- another law over the city ---------------------------------------------------------------------------


def comparisons(actor: Actor, most: int = 50) -> list[LawComparison]:
    """What leads asked, newest first; without the results."""
    _may_see(actor)
    return list(LawComparison.objects.select_related("a", "b").defer("result", "a__text", "b__text")[:most])


def comparison(actor: Actor, key: UUID) -> LawComparison:
    """One of them. NotFound."""
    _may_see(actor)
    rows = LawComparison.objects.select_related("a", "b").defer("a__text", "b__text")
    row = rows.filter(pk=key).first()
    if row is None:
        raise NotFound
    return row


def law_versions(actor: Actor) -> list[LawVersion]:
    """Archived versions of the law, newest first; without their texts."""
    _may_see(actor)
    return list(LawVersion.objects.defer("text").order_by("-first_used_at", "hash"))


def _may_see(actor: Actor) -> None:
    if actor.role not in MAY_SEE:
        raise Forbidden
