"""The nights of policy finding people, read: what each did, and what became of those who were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from jiuye.desk.models import Outreach, OutreachRun
from jiuye.desk.models.outreach import OutreachEnd, OutreachKind, OutreachWay
from jiuye.foundation import scope
from jiuye.foundation.errors import NotFound

MOST = 60  # nights in the list


@dataclass(frozen=True)
class Night:
    """`told`, `ending`, `unclaimed`: rows of that night below the unit; `applied`: of the told, since."""

    run: OutreachRun
    told: int
    ending: int
    unclaimed: int
    applied: int


@dataclass(frozen=True)
class NightLine:
    """One benefit in one night, below the unit. `applied`: how many of the told have applied since.

    `later`, `instead`, `opted_out`, `failed`: as the run counted, for the whole city only (None below it).
    """

    benefit: str
    told: int
    message: int
    prepared: int
    task: int
    applied: int
    later: int | None
    instead: int | None
    opted_out: int | None
    failed: int | None


def nights(unit: str = "") -> list[Night]:
    """The newest nights first. Two queries."""
    runs = list(OutreachRun.objects.order_by("-on")[:MOST])
    counted = _below(unit).filter(found_on__in=[run.on for run in runs]).values("found_on")
    found: dict[date, dict[str, Any]] = {
        row["found_on"]: dict(row)
        for row in counted.annotate(
            told=Count("id", filter=_NEW),
            ending=Count("id", filter=Q(kind=OutreachKind.ENDING)),
            unclaimed=Count("id", filter=Q(kind=OutreachKind.UNCLAIMED)),
            applied=Count("id", filter=_NEW & _APPLIED),
        ).order_by("found_on")
    }
    names = ("told", "ending", "unclaimed", "applied")
    return [Night(run, *(int(found.get(run.on, {}).get(name, 0)) for name in names)) for run in runs]


def night(on: date, unit: str = "") -> tuple[OutreachRun, list[NightLine]]:
    """One night, benefit by benefit, the most told first. Two queries; NotFound where there was none."""
    run = OutreachRun.objects.filter(on=on).first()
    if run is None:
        raise NotFound
    rows = _below(unit).filter(found_on=on, kind=OutreachKind.NEW).values("benefit")
    ways = Q(way__in=[OutreachWay.PREPARED, OutreachWay.DIRECT])
    counted = rows.annotate(
        told=Count("id"),
        message=Count("id", filter=Q(way=OutreachWay.MESSAGE)),
        prepared=Count("id", filter=ways),
        task=Count("id", filter=Q(way=OutreachWay.TASK)),
        applied=Count("id", filter=_APPLIED),
    )
    found: dict[str, dict[str, Any]] = {row["benefit"]: dict(row) for row in counted.order_by("benefit")}
    whole = len(unit) <= 2
    names = {*found, *(code for code, count in run.numbers.items() if whole and _anything(count))}
    lines = [_line(code, found.get(code, {}), run.numbers.get(code, {}) if whole else None) for code in names]
    return run, sorted(lines, key=lambda one: (-one.told, one.benefit))


_NEW = Q(kind=OutreachKind.NEW)
_APPLIED = Q(end=OutreachEnd.CLAIMED)
_OF_THE_RUN = ("later", "instead", "opted_out", "failed")


def _anything(count: dict[str, int]) -> bool:
    return any(count.get(name) for name in ("found", *_OF_THE_RUN))


def _line(code: str, row: dict[str, Any], count: dict[str, int] | None) -> NightLine:
    own = (int(row.get(name, 0)) for name in ("told", "message", "prepared", "task", "applied"))
    return NightLine(
        code, *own, *(None if count is None else int(count.get(name, 0)) for name in _OF_THE_RUN)
    )


def _below(unit: str) -> QuerySet[Outreach]:
    rows = Outreach.objects.all()
    return scope.below(rows, unit) if unit else rows
