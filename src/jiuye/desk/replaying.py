"""Decisions put again to the law that made them: all of them (it goes on where it was), or some a night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast, Concat

from jiuye.desk import city
from jiuye.desk.models import Decision, EmployerDecision, LawVersion, ReplayRun
from jiuye.desk.replay import VERDICTS, AnyDecision, Replay, replay
from jiuye.foundation import clock, history, scope

ALL, SAMPLE = "all", "sample"
STEP: Final = 100  # decisions between two notes of how far a run has come
MOST: Final = 1000  # findings that a run keeps
Progress = Callable[[int, int], None]


def quietly(done: int, total: int) -> None:
    """Nobody watches."""


def by_rule() -> tuple[QuerySet[Decision], QuerySet[EmployerDecision]]:
    """Every decision a rule made in this system, about persons and about employers' applications."""
    people = Decision.objects.exclude(rule="").filter(former=False)
    return people, EmployerDecision.objects.select_related("case")


def after(last: UUID | None, most: int) -> list[AnyDecision]:
    """The next decisions by their keys, the oldest first."""
    found: list[AnyDecision] = []
    for rows in by_rule():
        found += (rows.filter(pk__gt=last) if last else rows).order_by("pk")[:most]
    return sorted(found, key=lambda row: row.pk)[:most]


def everything(
    progress: Progress = quietly, again: bool = False, each: Callable[[Replay], None] | None = None
) -> ReplayRun:
    """Every decision. A run that was broken off goes on behind the last one noted; `again`: from the start.

    Without an actor of its own: the system's, a short transaction for every STEP decisions.
    """
    run = _open(again)
    with scope.acting(scope.SYSTEM):
        total = sum(rows.count() for rows in by_rule())
    while True:
        with scope.acting(scope.SYSTEM), history.context_or("desk.replay"):
            some = after(run.last_id, STEP)
            for row in some:
                found = replay(row)
                _note(run, found)
                if each is not None:
                    each(found)
            if some:
                run.last_id = some[-1].pk
            else:
                run.finished_at = clock.now()
            run.save()
        progress(sum(run.counts.values()), total)
        if not some:
            return run


def sample(on: date) -> tuple[ReplayRun, list[Replay]]:
    """As many decisions as JIUYE_REPLAY_SAMPLE says, others every day, the same all day; as the system.

    With the run those that differ or can't be replayed.
    """
    most, drawn = settings.REPLAY_SAMPLE, list[AnyDecision]()
    for every in by_rule():
        mixed = MD5(Concat(Cast("pk", TextField()), Value(on.isoformat(), output_field=TextField())))
        drawn += every.annotate(mixed=mixed).order_by("mixed")[:most]
    rows = sorted(drawn, key=lambda row: str(row.mixed))[:most]  # type: ignore[union-attr]
    run = ReplayRun(kind=SAMPLE, law_version=city.law().version, started_at=clock.now())
    found = [one for one in map(replay, rows) if _note(run, one)]
    run.finished_at = clock.now()
    with history.context_or("desk.replay"):
        run.save(force_insert=True)
    return run, found


def unarchived() -> Iterator[tuple[UUID, str, str]]:
    """Decisions whose law isn't archived: key, number, version. Made before a trigger refused them."""
    kept = LawVersion.objects.values("hash")
    for rows in by_rule():
        for row in rows.exclude(law_version__in=kept).order_by("pk"):
            yield row.pk, row.number, row.law_version


def _open(again: bool) -> ReplayRun:
    with scope.acting(scope.SYSTEM), history.context_or("desk.replay"):
        if not again:
            run = ReplayRun.objects.filter(kind=ALL, finished_at__isnull=True).first()
            if run is not None:
                return run
        ReplayRun.objects.filter(kind=ALL, finished_at__isnull=True).delete()
        return ReplayRun.objects.create(
            kind=ALL,
            law_version=city.law().version,
            started_at=clock.now(),
            counts=dict.fromkeys(VERDICTS, 0),
        )


def _note(run: ReplayRun, found: Replay) -> bool:
    """Count it; whether there is something to say of it."""
    run.counts = {**dict.fromkeys(VERDICTS, 0), **run.counts}
    run.counts[found.verdict] += 1
    if found.verdict == "equal":
        return False
    if len(run.findings) < MOST:
        why = found.impossible or "; ".join(one.where for one in found.differences[:5])
        run.findings = [*run.findings, {"number": found.decision.number, "why": why}]
    return True
