"""`jiuye law population`: rules over everybody, from files or a database, on the engine a setting names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import Error as DatabaseError
from rich.console import Console
from rich.progress import Progress

from jiuye.cli.errors import explained, fail
from jiuye.cli.law_common import CityOption, chosen, day
from jiuye.policy import NotColumnar
from jiuye.policy.columns import ColumnError

REGISTERS = "registers"
URLS = ("postgresql://", "postgres://")
HELP_PEOPLE = (
    "Parquet file with a column for each fact; registers; #schema.table of the city's database;"
    " postgresql://…#schema.table of another."
)
HELP_OUT = (
    "Parquet file of the answers, or #schema.table in the database the people are in; whole, or not at all."
)


def register(app: typer.Typer) -> None:
    app.command()(population)


def population(
    people: Annotated[str, typer.Argument(help=HELP_PEOPLE)],
    out: Annotated[str, typer.Argument(help=HELP_OUT)],
    rules: Annotated[list[str], typer.Option("--rule", "-r", help="A rule to be answered; may be repeated.")],
    employers: Annotated[
        str,
        typer.Option("--employers", help="Employers: a Parquet file, or #schema.table beside the people."),
    ] = "",
    on: Annotated[
        str, typer.Option("--on", help="Day of the question, YYYY-MM-DD; today if not given.")
    ] = "",
    engine: Annotated[
        str,
        typer.Option(
            "--engine", envvar="JIUYE_ENGINE", help="columns, postgresql, duckdb, spark or spark-columns."
        ),
    ] = "columns",
    master: Annotated[
        str, typer.Option("--spark-master", envvar="JIUYE_SPARK_MASTER", help="Where Spark is.")
    ] = "local[*]",
    code: CityOption = "shanghai",
) -> None:
    """Answer rules for everybody. Columns: facts by their names; id, household, employer; null = unknown."""
    from jiuye.policy import anywhere
    from jiuye.policy.bad_rows import BadRows

    city = chosen(code)
    if unknown := [name for name in rules if name not in city.law.rules]:
        fail(f"No rule is called {', '.join(unknown)}.")
    if engine not in anywhere.ENGINES:
        fail(f"No engine is called {engine}. There are: {', '.join(anywhere.ENGINES)}.")
    with Progress(console=Console(stderr=True)) as shown:
        bar = shown.add_task(f"{len(rules)} rules", total=None)

        def tell(done: int, total: int) -> None:
            shown.update(bar, completed=done, total=total)

        try:
            with _connected(people, out, engine) as connection:
                # only now: whoever asks for today has chosen the role that the database is opened with
                asked = anywhere.Asked(city.law, tuple(rules), day(on), engine, master, city.path)
                source, to = _ends(connection, people, employers, out, asked)
                count = anywhere.answer(asked, source, to, tell)
        except BadRows as problem:
            for row in problem.rows:
                typer.echo(str(row), err=True)
            fail(str(problem))
        except (ColumnError, NotColumnar, OverflowError, OSError) as problem:
            fail(str(problem))
        except DatabaseError as problem:
            fail(f"The database refuses: {problem}")
        except ImportError as problem:
            fail(f"{problem}. The engine {engine} needs that package in this environment.")
    typer.echo(f"{out}: {count} people, {len(rules)} rules on {asked.on}, law {city.law.version[:12]}")


@contextmanager
def _connected(people: str, out: str, engine: str) -> Iterator[Any]:
    """The database that the people or the answers are in, or that works the answers out; None without one."""
    url, _hash, table = people.partition("#")
    with ExitStack() as stack:
        if url.startswith(URLS):
            if not table:
                fail(f"{people}: which table? Write #schema.table behind it.")
            yield stack.enter_context(_elsewhere(url))
        elif people == REGISTERS or not url or out.startswith("#") or engine == "postgresql":
            yield stack.enter_context(_of_city())
        else:
            yield None


def _ends(connection: Any, people: str, employers: str, out: str, asked: Any) -> tuple[Any, Any]:
    """Where the facts come from and where the answers go."""
    from jiuye.policy.anywhere import Source
    from jiuye.policy.tables import Place, named

    for place in (employers, out):
        if place.startswith(URLS):
            fail(f"{place}: write #schema.table, it lies in the database of the people.")
    to = Place.parse(out[1:]) if out.startswith("#") else Path(out)
    if people == REGISTERS:
        if employers:
            fail("The registers hold the employers already: leave --employers out.")
        return Source(connection, relations=_registers(asked)), to
    if "#" in people:
        if employers and not employers.startswith("#"):
            fail("Employers of people in a table lie in a table, too: --employers '#schema.table'.")
        table = people.partition("#")[2]
        return Source(connection, relations=(named(table), named(employers[1:]) if employers else None)), to
    for file in filter(None, (people, employers)):
        if not Path(file).is_file():
            fail(f"{file}: no such file.")
    return Source(connection, files=(Path(people), Path(employers) if employers else None)), to


@contextmanager
def _of_city() -> Iterator[Any]:
    """The city's own database as its owner: whoever asks for everybody sees everybody."""
    from jiuye.runtime.database import opened

    with explained(), opened("owner"):
        from django.db import connection

        connection.ensure_connection()
        yield connection.connection


@contextmanager
def _elsewhere(url: str) -> Iterator[Any]:
    import psycopg

    try:
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as problem:
        fail(f"The database does not answer: {problem}")


def _registers(asked: Any) -> tuple[str, str | None]:
    """People and employers with the facts that the rules read."""
    from jiuye.registry.facts import relations

    read = asked.law.columns(asked.rules, asked.on)
    if read.of_employers:
        return relations.employers(asked.on, sorted(read.facts)), None
    employers = relations.employers(asked.on, sorted(read.employer_facts)) if read.employer_facts else None
    return relations.people(asked.on, sorted(read.facts)), employers
