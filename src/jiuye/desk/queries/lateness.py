"""How late the work was: what ended in a period against its two limits, and what is open and late today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Substr, TruncMonth

from jiuye.desk.models import Case
from jiuye.foundation import clock
from jiuye.foundation.models import OrgUnit
from jiuye.foundation.scope import Actor

MOST: Final = 500  # lines
BY: Final = ("unit", "item", "month")


@dataclass(frozen=True)
class Lateness:
    """key: unit code, item or first day of the month. ended in the period; broken: after the promised day;
    unlawful: after the statutory day. `open`, `open_late`: open today, and past the promised day with its
    clock running (0 by month).
    """

    key: str
    name: str
    ended: int
    broken: int
    unlawful: int
    open: int
    open_late: int


def lateness(actor: Actor, by: str, first: date, last: date) -> list[Lateness]:
    """Below the actor's unit, by unit, item or month; both days inclusive. At most three queries.

    A limit that was moved (stood still, extended) counts as it was when the case ended.
    LookupError for another `by`.
    """
    if by not in BY:
        raise LookupError(f"not by {by!r}")
    below = Case.objects.filter(unit_code__gte=actor.prefix, unit_code__lt=f"{actor.prefix}~")
    ended = _keyed(
        below.filter(closed_on__gte=first, closed_on__lte=last, ended_at__isnull=False), by, "closed_on"
    )
    found: dict[str, dict[str, int]] = {}
    rows = ended.values("key").annotate(
        ended=Count("pk"),
        broken=Count("pk", filter=Q(closed_on__gt=F("promised_due"))),
        unlawful=Count("pk", filter=Q(closed_on__gt=F("statutory_due"))),
    )
    _add(found, rows.order_by("key"))
    if by != "month":
        today = clock.today()
        waiting = _keyed(below.filter(ended_at__isnull=True), by, "promised_due").values("key")
        late = Q(paused_on__isnull=True, promised_due__lt=today)
        _add(
            found,
            waiting.annotate(open=Count("pk"), open_late=Count("pk", filter=late)).order_by("key"),
        )
    names = dict(OrgUnit.objects.filter(pk__in=found).values_list("pk", "name")) if by == "unit" else {}
    columns = ("ended", "broken", "unlawful", "open", "open_late")
    lines = [
        Lateness(key, names.get(key, key), **{name: row.get(name, 0) for name in columns})
        for key, row in found.items()
    ]
    if by == "month":
        return sorted(lines, key=lambda one: one.key)[:MOST]
    return sorted(lines, key=lambda one: (-one.broken, -one.open_late, one.key))[:MOST]


def _keyed(rows: QuerySet[Case], by: str, day: str) -> QuerySet[Any]:
    if by == "unit":
        return rows.annotate(key=Substr("unit_code", 1, 9))
    if by == "item":
        return rows.annotate(key=F("item"))
    return rows.annotate(key=TruncMonth(day))


def _add(found: dict[str, dict[str, int]], rows: QuerySet[Any]) -> None:
    for row in rows:
        key = row.pop("key")
        found.setdefault(key.isoformat() if isinstance(key, date) else str(key), {}).update(row)
