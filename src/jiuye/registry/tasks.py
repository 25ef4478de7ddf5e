"""What the registers do nightly. Safe to run twice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from jiuye.registry import checks
from jiuye.registry.duplicates import propose_duplicates


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
