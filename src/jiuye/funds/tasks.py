"""What the worker does for the money room. Everything here may be cut off and run again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiuye.foundation import clock, outbox, scope
from jiuye.funds.actions import draw_sample, fill_samples, make_award, release_run, send_run
from jiuye.funds.models import PaymentRun
from jiuye.funds.models.run import RunState


@outbox.on("decision_made", name="funds.make_award")
def award_on_decision(payload: dict[str, Any]) -> None:
    """A granted decision becomes an award, in the handler's transaction."""
    make_award(scope.SYSTEM, decision_id=UUID(payload["decision"]))


@outbox.on("decision_made", name="funds.draw_sample")
def draw_on_decision(payload: dict[str, Any]) -> None:
    draw_sample(scope.SYSTEM, decision_id=UUID(payload["decision"]))


def defer_advance(run_id: UUID) -> None:
    """Queue the rest of an approved run, in the transaction that approves it."""
    advance_run.defer(run_id=str(run_id))


def advance(run_id: UUID) -> str:
    """Release, then send: each a transaction of its own that looks at the run's state first. The state
    afterwards.
    """
    release_run(scope.SYSTEM, run_id=run_id)
    return str(send_run(scope.SYSTEM, run_id=run_id).state)


@app.task(name="funds.advance_run", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def advance_run(run_id: str) -> str:
    """Killed at any point and started again, it goes on where it was."""
    return advance(UUID(run_id))


def resume_runs() -> int:
    """Queue again approved and released runs whose job got lost; how many."""
    since = clock.now() - timedelta(minutes=30)
    with scope.acting(scope.SYSTEM):
        lost = PaymentRun.objects.filter(
            state__in=[RunState.APPROVED, RunState.RELEASED], approved_at__lt=since
        )
        ids = list(lost.values_list("pk", flat=True))
        for run_id in ids:
            defer_advance(run_id)
    return len(ids)


@app.periodic(cron="*/30 * * * *")
@app.task(name="funds.resume_runs", queueing_lock="funds.resume_runs")
def resume(timestamp: int) -> int:
    return resume_runs()


def nightly_samples(today: date) -> int:
    """Fill up the control sample of the month that ended; repeatable."""
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return len(fill_samples(scope.SYSTEM, month=month))


@app.periodic(cron="15 2 * * *")
@app.task(name="funds.fill_samples", queueing_lock="funds.fill_samples")
def samples(timestamp: int) -> int:
    return nightly_samples(clock.today())


@app.periodic(cron="45 2 * * *")
@app.task(name="funds.check", queueing_lock="funds.check")
def check(timestamp: int) -> int:
    """Nightly integrity checks; findings go to the log and to the auditors."""
    from jiuye.funds.checks import report

    return report()
