"""Trials of proposals, run by the worker. foundation.rescue queues the job of a killed worker again."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiuye.drafting import trials
from jiuye.foundation.tasks import fresh_connection


@app.task(name="drafting.try_out", retry=RetryStrategy(max_attempts=trials.MAX_ATTEMPTS, exponential_wait=3))
def try_out(trial_id: str) -> bool:
    """Run the examples or the city with the text of a proposal."""
    with fresh_connection():
        return trials.run(UUID(trial_id))
