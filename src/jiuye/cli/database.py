"""Commands that bring a database to this version."""

from __future__ import annotations

from typing import Annotated

import typer

from jiuye.cli.errors import explained


def register(app: typer.Typer) -> None:
    app.command()(migrate)
    app.command(hidden=True)(prepare)


def migrate(
    verbosity: Annotated[int, typer.Option("--verbosity", "-v", min=0, max=3)] = 1,
) -> None:
    """Make or change tables, rights and the organisation tree. Repeating it changes nothing."""
    from jiuye.runtime.database import opened

    with explained(), opened("owner"):
        from jiuye.runtime import migration

        migration.migrate(verbosity)


def prepare(
    demo: Annotated[bool, typer.Option(help="Load the demonstration city into an empty database.")] = True,
    people: Annotated[int, typer.Option(help="People in that city.")] = 20_000,
) -> None:
    """What `jiuye run` does before it serves, on a running database as its owner."""
    import django

    django.setup()
    from jiuye.runtime.preparation import prepare as steps

    steps(demo, people)
