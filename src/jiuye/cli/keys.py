"""`jiuye keys`: the keys of sealed values."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from jiuye.cli.errors import explained

app = typer.Typer(no_args_is_help=True, help="The keys of sealed values.")


@app.command("list")
def list_keys() -> None:
    """Key versions, and how many values each has sealed."""
    from jiuye.runtime.database import opened

    with explained(), opened("owner"):
        from jiuye.foundation import keyring, rotation

        ring = keyring.default()
        by_column = {column.label: rotation.counts(column) for column in rotation.columns()}
        table = Table("version", "created", "values", "where")
        for version in sorted({*ring.versions, *(v for found in by_column.values() for v in found)}):
            held = {label: found[version] for label, found in by_column.items() if found[version]}
            known = version in ring.versions
            table.add_row(
                f"{version}{' (seals)' if version == ring.current else ''}",
                ring.key(version).created if known else "MISSING in the key ring",
                str(sum(held.values())),
                ", ".join(f"{label} {n}" for label, n in held.items()),
            )
        Console().print(table)


@app.command()
def rotate(
    batch: Annotated[int, typer.Option(min=1, help="Values in one transaction.")] = 1000,
) -> None:
    """Make a new key and re-seal every value with it. Interrupted, the next call goes on with that key."""
    from jiuye.runtime.database import opened

    with explained(), opened("owner"):
        from jiuye.foundation import keyring, rotation

        before = keyring.default().current
        version = rotation.begin()
        typer.echo(f"{'Going on with' if version == before else 'New'} key version {version}")
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        ) as progress:
            task = progress.add_task("re-sealing", total=rotation.pending(version))

            def report(column: rotation.Column, done: int) -> None:
                progress.update(task, advance=done, description=column.label)

            changed = rotation.rotate(version, batch, report)
        typer.echo(f"{changed} values re-sealed with key version {version}")
