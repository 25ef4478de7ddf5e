"""Jobs of the worker, as tests hurry them."""

from __future__ import annotations

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def queue(name: str) -> None:
    """Queue a periodic job now, unless the worker's own clock was quicker and it is queued already."""
    with suppress(AlreadyEnqueued):
        app.configure_task(name).defer(timestamp=0)
