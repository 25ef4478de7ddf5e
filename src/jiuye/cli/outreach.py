"""`jiuye outreach`: policy finds people."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from jiuye.cli.errors import explained, fail

app = typer.Typer(no_args_is_help=True, help="Policy finds people: tell everybody what they may have.")


@app.callback()
def outreach() -> None:
    """Policy finds people: tell everybody what they may have."""


@app.command()
def run(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no table.")] = False,
) -> None:
    """Search everybody now and tell whom it concerns, as every night. Interrupted, the next call goes on."""
    from jiuye.runtime.database import opened

    with explained(), opened("app"):
        from jiuye.desk.outreach import nightly
        from jiuye.foundation import clock

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        try:
            with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
                lines: dict[str, object] = {}

                def show(step: str, done: int, total: int) -> None:
                    if step not in lines:
                        lines[step] = bar.add_task(step, total=total)
                    bar.update(lines[step], completed=done, total=total)  # type: ignore[arg-type]

                night = nightly.run(clock.today(), show)
        except nightly.NoPractice:
            fail("This city looks for nobody: it has no outreach.yaml.")
        if quiet:
            return
        table = Table("benefit", "found", "told", "opted out", "wait for a street")
        for benefit, count in night.numbers.items():
            table.add_row(benefit, *(str(count[name]) for name in ("found", "told", "opted_out", "later")))
        Console().print(table)
        for benefit, why in night.left_out.items():
            typer.echo(f"{benefit}: not looked for ({why})")
        typer.echo(f"{night.looked_at} people looked at.")
