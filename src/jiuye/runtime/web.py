"""The web process: granian, WSGI, a few threads."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from jiuye.config import env
from jiuye.runtime.parent import end_with_parent


def application() -> Callable[..., Any]:
    """Loaded in each of granian's workers: a worker must not outlive the process that watches it."""
    end_with_parent(signal.SIGKILL)
    from jiuye.config.wsgi import application as wsgi

    return wsgi


def serve(host: str, port: int, workers: int = 1) -> None:
    """Serve until TERM or INT. Requests under way are finished first."""
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        "jiuye.runtime.web:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=env.WEB_THREADS,
        websockets=False,
        log_enabled=True,
        workers_kill_timeout=20,
        respawn_failed_workers=True,
        respawn_interval=0.2,
    ).serve()
