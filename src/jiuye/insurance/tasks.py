"""What unemployment insurance does by itself: on a hire, and nightly. Everything here may run again."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from jiuye.foundation import clock, outbox, scope
from jiuye.insurance.actions import extend_award, stop_on_event
from jiuye.insurance.sweep import due_for_extension, events_to_look_at
from jiuye.registry.models import EmploymentSpell


@outbox.on("employment_started", name="insurance.stop_on_hire")
def stop_on_hire(payload: dict[str, Any]) -> None:
    """A hire was registered, however late: the benefit stops from the month the law says."""
    spell = EmploymentSpell.objects.filter(pk=UUID(str(payload["spell"]))).first()
    if spell is not None:
        stop_on_event(
            scope.SYSTEM, person_id=spell.person_id, event="reemployed", on=spell.start, until=spell.end
        )


def stop_for_events(today: date) -> int:
    """Whatever the registers know of people with a running award and no event told: hires, army, pension,
    death …
    """
    with scope.acting(scope.SYSTEM):
        events = events_to_look_at(today)
    stopped = 0
    for item in events:
        stopped += len(
            stop_on_event(
                scope.SYSTEM, person_id=item.person_id, event=item.kind, on=item.start, until=item.end
            )
        )
    return stopped


def extend_awards(today: date) -> int:
    """Extend what was paid to its end and may go on to retirement; how many."""
    with scope.acting(scope.SYSTEM):
        awards = due_for_extension(today)
    return sum(extend_award(scope.SYSTEM, award_id=award_id, on=today) is not None for award_id in awards)


@app.periodic(cron="10 1 * * *")
@app.task(name="insurance.stop_for_events", queueing_lock="insurance.stop_for_events")
def nightly_stops(timestamp: int) -> int:
    return stop_for_events(clock.today())


@app.periodic(cron="40 1 * * *")
@app.task(name="insurance.extend_awards", queueing_lock="insurance.extend_awards")
def nightly_extensions(timestamp: int) -> int:
    return extend_awards(clock.today())
