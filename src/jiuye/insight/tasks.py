"""What the worker does for leads."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiuye.foundation.tasks import fresh_connection
from jiuye.insight import comparing


@app.task(name="insight.compare", retry=RetryStrategy(max_attempts=4, exponential_wait=3))
def compare(comparison: str) -> str:
    """Another law over everybody; the state afterwards."""
    with fresh_connection():
        return comparing.work(UUID(comparison))
