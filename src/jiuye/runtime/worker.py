"""The worker process: runs the jobs that transactions left behind, as the application's role."""

from __future__ import annotations

import asyncio

CONCURRENCY = 2
HEARTBEAT = 10.0  # seconds; a worker silent for three of them is dead to the rescue task
GRACE = 20.0  # seconds for the jobs under way when asked to stop; what is left is retried by the next worker


def run(wait: bool = True) -> None:
    """Work until TERM or INT; with wait=False until no job is left."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(
                name="worker",
                wait=wait,
                concurrency=CONCURRENCY,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=3 * HEARTBEAT,
                shutdown_graceful_timeout=GRACE,
                delete_jobs="successful",
            )

    # LISTEN needs a connection of its own, so the worker's connector does not go through Django's.
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(work())
