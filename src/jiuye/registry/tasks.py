"""What the registers do nightly. Safe to run twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from jiuye.foundation import history, outbox
from jiuye.registry import checks, employment
from jiuye.registry.duplicates import propose_duplicates


@outbox.on("employment_started", name="registry.register_employment")
@outbox.on("employment_ended", name="registry.close_employment")
def follow_employment(payload: dict[str, Any]) -> None:
    """The employment registration follows the spells, however late they are reported."""
    with history.context_or("registry.follow_employment"):
        employment.follow(UUID(str(payload["person"])))


@app.periodic(cron="20 2 * * *")
@app.task(name="registry.propose_duplicates", queueing_lock="registry.propose_duplicates")
def nightly_duplicates(timestamp: int) -> int:
    """Propose pairs of files that may be one person."""
    return propose_duplicates()


@app.periodic(cron="50 2 * * *")
@app.task(name="registry.checks", queueing_lock="registry.checks")
def nightly_checks(timestamp: int) -> int:
    """Look for contradictions between registers; how many were found."""
    return sum(len(found) for found in checks.run().values())
