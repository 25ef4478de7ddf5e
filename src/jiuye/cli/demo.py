"""`jiuye demo`: the demonstration city and a sample file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from jiuye.cli.errors import explained, fail

app = typer.Typer(no_args_is_help=True, help="The demonstration city. No real person is in it.")


@app.command()
def load(
    people: Annotated[int, typer.Option("--people", min=10, help="How many people.")] = 20_000,
) -> None:
    """Fill an empty database with a synthetic city: always the same one for the same day and number."""
    from jiuye.runtime.database import opened

    with explained(), opened("owner"):
        from jiuye.runtime import demonstration, migration, preparation

        migration.migrate()
        if not demonstration.wanted():
            fail("The demonstration city needs JIUYE_DEMONSTRATION=1.")
        if not demonstration.empty():
            fail("There are people on file already; the demonstration city needs an empty database.")
        preparation.load_demonstration(people, Console(stderr=True))


@app.command()
def csv(
    file: Annotated[Path, typer.Argument(help="Where to write it.", dir_okay=False)] = Path("staff.csv"),
    rows: Annotated[int, typer.Option(min=4, help="Rows of people.")] = 1000,
    bad: Annotated[int, typer.Option(min=0, help="How many of them have a fault.")] = 50,
) -> None:
    """Write a sample staff file of the employer of the story, to be uploaded by its agent. No database."""
    import django

    django.setup()
    from jiuye.registry.demo import sample

    try:
        file.write_bytes(sample.staff_csv(rows, bad))
    except ValueError as problem:
        fail(str(problem))
    typer.echo(f"{file}: {rows} rows, {bad} of them with a fault")
