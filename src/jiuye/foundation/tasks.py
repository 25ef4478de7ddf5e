"""What the worker runs for every room: deliveries of the outbox, and the rescue of what got lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import close_old_connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from jiuye.foundation import outbox

#: Seconds without a heartbeat after which a job's worker is taken for dead.
STALLED = 60


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
        await manager.retry_job(job)
    return len(stalled)


@app.periodic(cron="*/5 * * * *")
@app.task(name="foundation.sweep", queueing_lock="foundation.sweep")
def sweep(timestamp: int) -> int:
    """Queue again what has no job."""
    with fresh_connection():
        return outbox.sweep()
