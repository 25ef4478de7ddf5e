"""`jiuye law replay`: decisions put again to the law that made them."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from jiuye.cli.errors import explained, fail


def register(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    decision: Annotated[
        str, typer.Argument(help="Number or id of a decision; number of an employer's case.")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every decision by a rule.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="With --all: from the start, not where it was broken off.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a decision.")] = False,
) -> None:
    """Ask the archived law again with the facts stored: equal, or what differs. Code 1 when one differs.

    --all notes how far it has come: broken off and started again it goes on there.
    """
    if bool(decision) == everything:
        fail("Give the number of a decision, or --all.")
    from jiuye.runtime.database import opened

    with explained(), opened("app"):
        wrong = _all(restart, as_json) if everything else _one(decision, as_json)
    if wrong:
        raise typer.Exit(1)


def _one(decision: str, as_json: bool) -> bool:
    from django.db.models import Q

    from jiuye.desk import replay as again
    from jiuye.desk.models import Decision, EmployerDecision
    from jiuye.foundation import scope

    with scope.acting(scope.SYSTEM):
        by_id, by_case = (
            Q(pk=decision) if _is_id(decision) else Q(**{name: decision})
            for name in ("number", "case__number")
        )
        rows = [
            *Decision.objects.exclude(rule="").filter(by_id),
            *EmployerDecision.objects.select_related("case").filter(by_case).order_by("created_at"),
        ]
        if not rows:
            fail(f"No decision by a rule is called {decision}.")
        found = [again.replay(row) for row in rows]
        for one in found:
            _say(one, as_json, quiet=False)
    return any(one.verdict != "equal" for one in found)


def _all(restart: bool, as_json: bool) -> bool:
    from jiuye.desk import replaying

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task("decisions", total=None)

        def tell(done: int, total: int) -> None:
            shown.update(bar, completed=done, total=total)

        run = replaying.everything(tell, restart, lambda found: _say(found, as_json, quiet=True))
    counts = run.counts
    if not as_json:
        typer.echo(
            f"{sum(counts.values())} decisions: {counts['equal']} equal, {counts['differs']} differ, "
            f"{counts['impossible']} can't be replayed."
        )
    return bool(counts["differs"])


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
    elif found.verdict == "impossible":
        typer.echo(f"{decision.number}: {found.impossible}")
    for difference in found.differences:
        typer.echo(f"{decision.number}: {difference.where}: {difference.before!r} → {difference.now!r}")
