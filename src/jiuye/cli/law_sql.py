"""`jiuye law sql`: rules printed as one SELECT for a database or a cluster. No database is needed."""

from __future__ import annotations

from typing import Annotated

import typer

from jiuye.cli.errors import fail
from jiuye.cli.law_common import CityOption, chosen, day
from jiuye.policy import NotColumnar
from jiuye.policy.sql import DIALECTS


def register(app: typer.Typer) -> None:
    app.command()(sql)


def sql(
    rules: Annotated[str, typer.Option("--rules", "-r", help="Names of rules, with commas between.")],
    on: Annotated[
        str, typer.Option("--on", help="Day of the question, YYYY-MM-DD; today if not given.")
    ] = "",
    dialect: Annotated[str, typer.Option("--dialect", help=", ".join(DIALECTS))] = "postgresql",
    code: CityOption = "shanghai",
) -> None:
    """Print rules as SQL over tables `people` and `employers`, a column a fact."""
    law = chosen(code).law
    names = [name.strip() for name in rules.split(",")]
    if unknown := [name for name in names if name not in law.rules]:
        fail(f"No rule is called {', '.join(unknown)}.")
    if dialect not in DIALECTS:
        fail(f"No dialect is called {dialect}: {', '.join(DIALECTS)}.")
    try:
        statement = law.sql(names, day(on), dialect)
    except NotColumnar as problem:
        fail(str(problem))
    for name, value in statement.settings.items():
        typer.echo(f"-- best with {name} = {value}")
    typer.echo(statement.text + ";")
