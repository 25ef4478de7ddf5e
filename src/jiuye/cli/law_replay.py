"""`jiuye law replay`: decisions put again to the law that made them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated, Any

import typer

from jiuye.cli.errors import explained, fail


def register(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    decision: Annotated[str, typer.Argument(help="Number or id of a decision.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every decision by a rule.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a decision.")] = False,
) -> None:
    """Ask the archived law again with the facts stored: equal, or what differs. Code 1 when one differs."""
    if bool(decision) == everything:
        fail("Give the number of a decision, or --all.")
    from jiuye.runtime.database import opened

    with explained(), opened("app"):
        from django.db.models import Q

        from jiuye.desk import replay as again
        from jiuye.desk.models import Decision
        from jiuye.foundation import scope

        with scope.acting(scope.SYSTEM):
            rows = Decision.objects.exclude(rule="").order_by("created_at", "pk")
            if not everything:
                by_id = Q(pk=decision) if _is_id(decision) else Q()
                rows = rows.filter(by_id or Q(number=decision))
            counts: Counter[str] = Counter()
            for row in rows.iterator(chunk_size=500):
                found = again.replay(row)
                counts[found.verdict] += 1
                _say(found, as_json, quiet=everything)
            if not counts and not everything:
                fail(f"No decision by a rule is called {decision}.")
    if everything and not as_json:
        typer.echo(
            f"{counts.total()} decisions: {counts['equal']} equal, {counts['differs']} differ, "
            f"{counts['impossible']} can't be replayed."
        )
    if counts["differs"] or (counts["impossible"] and not everything):
        raise typer.Exit(1)


def _is_id(text: str) -> bool:
    from uuid import UUID

    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _say(found: Any, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
        return
    decision = found.decision
    if found.verdict == "equal" and not quiet:
        typer.echo(f"{decision.number}: equal (law {decision.law_version[:12]}, {decision.on})")
    elif found.verdict == "impossible" and not quiet:
        typer.echo(f"{decision.number}: {found.impossible}")
    for difference in found.differences:
        typer.echo(f"{decision.number}: {difference.where}: {difference.before!r} → {difference.now!r}")
