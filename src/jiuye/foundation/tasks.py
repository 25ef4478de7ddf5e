"""What the worker runs for every room: deliveries of the outbox, and the rescue of what got lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import IntegrityError, close_old_connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from jiuye.foundation import checks, clock, outbox, scope
from jiuye.foundation.models import LoginAttempt

#: Seconds without a heartbeat after which a job's worker is taken for dead.
STALLED = 30


@contextmanager
def fresh_connection() -> Iterator[None]:
    """For a job in a thread of the worker: no connection that broke meanwhile, none left open."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@app.task(
    name="outbox.deliver",
    retry=RetryStrategy(max_attempts=outbox.MAX_ATTEMPTS - 1, exponential_wait=3),
)
def deliver(event_id: str, handler: str) -> None:
    """One handler for one event; 3, 9, 27 … seconds between the attempts."""
    with fresh_connection():
        outbox.deliver(UUID(event_id), handler)


@app.periodic(cron="* * * * *")
@app.task(name="foundation.rescue", queueing_lock="foundation.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> int:
    """Queue again the jobs of workers that were killed: they would stay 'doing' for ever."""
    manager = context.app.job_manager
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED))
    for job in stalled:
        # A periodic job whose successor is queued already needs no second one; the others still do.
        with suppress(IntegrityError):
            await manager.retry_job(job)
    return len(stalled)


@app.periodic(cron="*/5 * * * *")
@app.task(name="foundation.sweep", queueing_lock="foundation.sweep")
def sweep(timestamp: int) -> int:
    """Queue again what has no job."""
    with fresh_connection():
        return outbox.sweep()


@app.periodic(cron="15 3 * * *")
@app.task(name="foundation.tidy", queueing_lock="foundation.tidy")
def tidy(timestamp: int) -> int:
    """Forget ended sessions and old failed logins; returns how many rows went."""
    with fresh_connection():
        sessions, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
        attempts, _ = LoginAttempt.objects.filter(at__lt=clock.now() - timedelta(days=1)).delete()
        return sessions + attempts


@app.periodic(cron="25 2 * * *")
@app.task(name="foundation.nightly_checks", queueing_lock="foundation.nightly_checks")
def nightly_checks(timestamp: int) -> int:
    """Look for what was not delivered, can't be opened or isn't protected; how many findings there are."""
    with fresh_connection(), scope.acting(scope.SYSTEM):
        return sum(len(found) for found in checks.run().values())
