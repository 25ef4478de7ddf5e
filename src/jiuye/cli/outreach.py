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
        except nightly.AlreadyRunning:
            fail("Another night is at work at this moment: wait until it is done.")
        if quiet:
            return
        heads = ("benefit", "found", "told", "opted out", "later", "instead", "failed")
        table = Table(*heads, caption="later: the street has enough to do; instead: another excludes it")
        table.columns[0].no_wrap = True
        names = ("found", "told", "opted_out", "later", "instead", "failed")
        for benefit, count in night.numbers.items():
            table.add_row(benefit, *(str(count.get(name, 0)) for name in names))
        Console().print(table)
        for benefit, why in night.left_out.items():
            typer.echo(f"{benefit}: not looked for ({why})")
        for one in night.failures:
            typer.echo(
                f"{one.get('fact') or one.get('benefit')}: can't be read of {one['id']} ({one['error']})"
            )
        typer.echo(f"{night.looked_at} people looked at.")
        typer.echo(f"{night.employers_looked_at} employers looked at.")
