"""`jiuye law population`: rules over everybody in a Parquet file, on the engine that a setting names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from jiuye.cli.errors import fail
from jiuye.cli.law_common import CityOption, chosen, day
from jiuye.policy import NotColumnar
from jiuye.policy.columns import ColumnError


def register(app: typer.Typer) -> None:
    app.command()(population)


def population(
    people: Annotated[
        Path, typer.Argument(help="Parquet file, a column for each fact.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Argument(help="Parquet file of the answers; appears when it is whole.")],
    rules: Annotated[list[str], typer.Option("--rule", "-r", help="A rule to be answered; may be repeated.")],
    employers: Annotated[
        Path | None,
        typer.Option("--employers", help="Parquet file of employers.", exists=True, dir_okay=False),
    ] = None,
    on: Annotated[
        str, typer.Option("--on", help="Day of the question, YYYY-MM-DD; today if not given.")
    ] = "",
    engine: Annotated[
        str, typer.Option("--engine", envvar="JIUYE_ENGINE", help="columns, duckdb, spark or spark-columns.")
    ] = "columns",
    master: Annotated[
        str, typer.Option("--spark-master", envvar="JIUYE_SPARK_MASTER", help="Where Spark is.")
    ] = "local[*]",
    code: CityOption = "shanghai",
) -> None:
    """Answer rules for everybody. Columns: facts by their names; id, household, employer; null = unknown."""
    from jiuye.policy import engines
    from jiuye.policy.population import Job

    city = chosen(code)
    if unknown := [name for name in rules if name not in city.law.rules]:
        fail(f"No rule is called {', '.join(unknown)}.")
    if engine not in engines.ENGINES:
        fail(f"No engine is called {engine}. There are: {', '.join(engines.ENGINES)}.")
    job = Job(city.law, rules, day(on), people, out, employers)
    with Progress(console=Console(stderr=True)) as shown:
        bar = shown.add_task(f"{len(rules)} rules", total=None)

        def tell(done: int, total: int) -> None:
            shown.update(bar, completed=done, total=total)

        try:
            count = engines.engine(engine, master, city.path)(job, tell)
        except (ColumnError, NotColumnar, OverflowError, OSError) as problem:
            fail(str(problem))
        except ImportError as problem:
            fail(f"{problem}. The engine {engine} needs that package in this environment.")
    typer.echo(f"{out}: {count} people, {len(rules)} rules on {job.on}, law {city.law.version[:12]}")
